"""Adds what the tests expect of an empty Creme: two users of it, and the custom fields of a contact.

No person: whoever the tests write about comes in through the browser.
"""

import django

django.setup()

from creme.creme_core.models import CustomField  # noqa: E402
from creme.persons import get_contact_model  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402

contact = ContentType.objects.get_for_model(get_contact_model())
for name in ("BSN", "IBAN"):
    CustomField.objects.get_or_create(
        name=name, content_type=contact, field_type=CustomField.STR
    )

users = get_user_model().objects
for name in ("agent1", "agent2"):
    if not users.filter(username=name).exists():
        users.create_user(
            username=name,
            first_name=name.title(),
            last_name="Medewerker",
            email=f"{name}@staff.example.eu",
            password=f"{name}-pw",
            is_superuser=True,
        )
