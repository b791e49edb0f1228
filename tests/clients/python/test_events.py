"""Events by aiosfstream: who listens hears people as they were written, and nothing is published.

The library is told where its token comes from, and nothing else; it names an old version of its own.
"""

import asyncio
import os
import unittest

from border import DEMO, BorderTest, email, requests, word

# aiohttp reads it when it is loaded.
os.environ["SSL_CERT_FILE"] = DEMO["ca"]

from aiosfstream_ng import Client, ReplayOption  # noqa: E402
from aiosfstream_ng.auth import AuthenticatorBase  # noqa: E402
from aiosfstream_ng.exceptions import ServerError, TransportError  # noqa: E402

CHANGES = "/data/ContactChangeEvent"
TOPIC = "/topic/Contacts"


class Signed(AuthenticatorBase):
    """A token of the border's instead of one of login.salesforce.com."""

    async def _authenticate(self):
        return 200, {
            "id": DEMO["border"],
            "instance_url": DEMO["border"],
            "access_token": DEMO["access_token"],
            "token_type": "Bearer",
        }


class Events(BorderTest):
    def listen(self, channel, act):
        """What is heard on a channel of what `act` does."""

        async def heard():
            replay = ReplayOption.NEW_EVENTS
            async with Client(Signed(), replay=replay, connection_timeout=20) as client:
                await client.subscribe(channel)
                wanted = await asyncio.to_thread(act)
                async for message in client:
                    text = str(message["data"])
                    if wanted["id"] in text:
                        return wanted, message

        return asyncio.run(asyncio.wait_for(heard(), 60))

    def test_changes_are_heard_as_they_were_written(self):
        person = {"FirstName": word("Aleid"), "LastName": word("Bos"), "Email": email(), "LeadSource": "Web"}
        made, message = self.listen(CHANGES, lambda: self.crm.Contact.create(person))
        payload = message["data"]["payload"]
        for field, value in person.items():
            self.assertEqual(payload[field], value, field)
        self.assertEqual(payload["Name"], f"{person['FirstName']} {person['LastName']}")
        self.assertEqual(payload["ChangeEventHeader"]["recordIds"], [made["id"]])
        self.assertGreater(message["data"]["event"]["replayId"], 0)
        self.assertEqual(message["channel"], CHANGES)
        self.assert_tokens("Contact", made["id"], {"LastName": person["LastName"], "Email": person["Email"]})

    def test_a_topic_that_policy_names_is_heard(self):
        person = {"LastName": word("Bos"), "Email": email()}
        made, message = self.listen(TOPIC, lambda: self.crm.Contact.create(person))
        shown = {"Id": made["id"], "LeadSource": None, **person}
        self.assertEqual(message["data"]["sobject"], shown)
        self.assertEqual(message["data"]["event"]["type"], "created")

    def test_channels_without_a_rule_are_refused_by_name(self):
        async def subscribe(channel):
            async with Client(Signed(), connection_timeout=20) as client:
                await client.subscribe(channel)

        for channel, code in (
            ("/topic/Other", "endpoint-unknown"),
            ("/event/Order__e", "policy-unknown-object"),
            ("/data/PetChangeEvent", "policy-unknown-object"),
        ):
            with self.subTest(channel), self.assertRaises(ServerError) as caught:
                asyncio.run(asyncio.wait_for(subscribe(channel), 60))
            self.assertIn(f"[sluis {code}]", str(caught.exception.response))

    def test_publishing_is_refused(self):
        text = word("Bos")

        async def publish():
            async with Client(Signed(), connection_timeout=20) as client:
                await client.publish(CHANGES, {"LastName": text})

        # The refusal does not repeat the channel, so that the library finds no answer to its own.
        with self.assertRaises((ServerError, TransportError)):
            asyncio.run(asyncio.wait_for(publish(), 60))
        self.assertFalse([sent for sent in requests() if text in str(sent)])


if __name__ == "__main__":
    unittest.main()
