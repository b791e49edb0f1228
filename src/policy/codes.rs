//! Every code that a finding can have, and what it means in Dutch. What exactly is wrong, and with
//! what, the finding itself says; where it says so in English only, this stands before it.

/// A code, what it means, and what to do: all three must be there to compile.
macro_rules! codes {
    ($($code:literal: $means:literal, $remedy:literal;)*) => {
        /// Every code that a finding can have. `docs/errors.md` has a section for each.
        pub const CODES: &[&str] = &[$($code),*];

        /// What a code means and what to do about it, in Dutch.
        #[must_use]
        pub fn in_dutch(code: &str) -> Option<(&'static str, &'static str)> {
            match code {
                $($code => Some(($means, $remedy)),)*
                _ => None,
            }
        }
    };
}

codes! {
    "drift-field-gone": "Het CRM heeft een veld niet dat het beleid noemt; schrijven ernaar wordt geweigerd.", "Vraag de beheerders van het CRM, of haal het veld uit het beleid.";
    "drift-field-new": "Het CRM heeft een nieuw veld waarvoor het beleid geen regel heeft; het wordt geweigerd en afgedekt.", "Geef het een regel, of noem het onder `left_out`.";
    "drift-key": "Een veld waarop records worden opgezocht is geen externe id meer, niet meer uniek of niet meer te filteren.", "Vraag de beheerders van het CRM.";
    "drift-length": "Het veld in het CRM is korter geworden dan het beleid verwacht; schrijven ernaar wordt geweigerd.", "Laat het weer langer maken, of neem de nieuwe lengte aan met `sluis check --live --accept`.";
    "drift-longer": "Het veld in het CRM is langer geworden.", "`sluis check --live --accept` laat langere waarden door.";
    "drift-object-gone": "Het CRM beschrijft een object van het beleid niet aan de gebruiker van de grens; schrijven ernaar wordt geweigerd.", "Geef die gebruiker toegang, of haal het object uit het beleid.";
    "drift-type": "Het veld in het CRM is van een ander type dan waarop het beleid is gecontroleerd; schrijven ernaar wordt geweigerd.", "Bekijk wat het nu bevat en neem het aan met `sluis check --live --accept`.";
    "drift-unread": "De beschrijving van een object kon niet bij het CRM worden gelezen; wat ervan bekend was blijft gelden.", "Het logboek heeft de oorzaak.";
    "drift-version": "Het beleid staat versies van de API toe waarmee dit programma niet is beproefd; schrijven ermee wordt geweigerd.", "Maak `api` smaller, of neem een nieuwer programma.";
    "policy-action": "Een actie onder `[[actions]]` heeft geen goede descriptor of geen reden, of staat er twee keer.", "Noem elke actie een keer, zoals de pagina haar verstuurt, met een `reason`.";
    "policy-action-clear": "Een actie van een pagina mag parameters leesbaar meenemen; niemand kijkt wat erin staat.", "Laat het onderdeel via de UI-API schrijven, waar elk veld zijn regel heeft.";
    "policy-api": "Tussen `oldest` en `newest` ligt geen versie van de API, of `api` hoort hier niet.", "`oldest` is hoger dan 0 en hoogstens `newest`; bij routes vervalt `api`.";
    "policy-case-failed": "Een geval heeft een andere uitkomst dan verwacht, of noemt een rol of object dat er niet is.", "Is de wijziging bedoeld, pas dan ook het geval aan; zo niet, dan het beleid.";
    "policy-category-form": "De `category` is geen term van de vorm `pd:EmailAddress`, `dpv:…` of `sluis:…`.", "Neem een term van het Data Privacy Vocabulary.";
    "policy-category-unknown": "De controle kent deze term niet en weet dus niet of het een bijzondere categorie is.", "Verbeter de term, of zeg `special = true` als het er een is.";
    "policy-classes": "Er zijn meer klassen dan een beleid kan tellen.", "Voeg klassen samen die gelijk worden beschermd en gezien.";
    "policy-computed-field": "Een regel voor een veld dat het CRM zelf berekent en dat niemand schrijft.", "Zet het veld onder `derived` of `left_out`.";
    "policy-cookie": "Een naam die een cookie van het CRM hier niet kan hebben, of een toevallige tekst die scripts schrijven.", "Kies een andere naam, of haal `scripts` weg bij wat het CRM zelf zet.";
    "policy-crm": "Voor dit CRM is er geen veldentabel, en het bestand beschrijft het niet met routes.", "`crm = \"salesforce\"`, of beschrijf het CRM met routes.";
    "policy-csp": "Een richtlijn of bron die het beleid niet aan de Content-Security-Policy kan toevoegen.", "Neem een van de genoemde richtlijnen, en bronnen als `\"data:\"` of een host met https.";
    "policy-derived-clear": "Alle tekst waaruit een afgeleid veld bestaat gaat leesbaar weg, en het afgeleide veld dus ook.", "Bescherm de delen.";
    "policy-derived-writable": "Programma's kunnen dit veld schrijven, en `derived` weigert elke schrijfactie.", "Geef het een klasse, tenzij schrijven geweigerd moet worden.";
    "policy-empty-object": "Een object heeft voor geen enkel veld een regel.", "Geef de velden regels, of haal het object weg.";
    "policy-encrypt-misfit": "Het veld heeft geen ruimte voor versleutelde tekst.", "`encrypt` is voor tekstvelden vanaf 1000 tekens; neem `tokenize`.";
    "policy-external-id": "Een sleutel van upserts heeft geen regel, of een waaronder geen record wordt gevonden.", "Gebruik `stable = true`, en `search = \"exact\"` in de klasse.";
    "policy-file-misfit": "Een veld bevat bestanden en heeft een regel voor tekst: een bestand gaat verzegeld weg, of niet.", "Kies `encrypt`, of `block`, `strip` of `left_out`.";
    "policy-generalize-misfit": "Het type van het veld kan niet bevatten wat er van de waarde wordt gemaakt.", "Kies een andere regel, of `strip` of `hold`.";
    "policy-generalize-rule": "`generalize` heeft geen regel, of niet precies een.", "Bijvoorbeeld `to = \"year\"`, `{ leading = 4 }` of `{ band = 10 }`.";
    "policy-generalize-weak": "De grovere waarde kan nog van één persoon zijn.", "Maak haar grover, neem `tokenize` of `hold`, of geef een `reason`.";
    "policy-hold-misfit": "Het CRM heeft dit veld nodig en het kan dus niet worden achtergehouden.", "`pass` voor ids en verwijzingen; samengestelde velden onder `derived`.";
    "policy-hold-text": "Het veld kan een token bevatten, en `hold` laat het leeg.", "Neem `tokenize`, zodat rapporten en kopieën van het CRM het token meenemen.";
    "policy-incomplete": "Er ontbreekt iets wat de wet of de grens nodig heeft: categorie, actie, rollen, doel, grondslag of bewaartijd.", "Zeg het bij het veld, de klasse, het object of onder `[defaults]`.";
    "policy-likely-personal": "Naar naam en type gaat het veld over een persoon, en het zou leesbaar weggaan.", "Geef het een klasse, of zet het onder `fields` met `action = \"pass\"` en een `reason`.";
    "policy-missing-key": "Een sleutel die er moet zijn ontbreekt.", "Voeg hem toe.";
    "policy-name-long": "Een naam in het bestand heeft meer dan 128 bytes.", "Kies een kortere naam; uitleg hoort in een opmerking of `reason`.";
    "policy-nobody": "Geen rol mag de waarden van een klasse zien.", "Noem rollen; heeft niemand de waarden nodig, dan verzamelt `strip` ze niet (AVG art. 5 lid 1 c).";
    "policy-personal-in-clear": "De klasse is een persoonsgegeven en de regel laat het leesbaar weggaan.", "Kies een andere actie, of geef een `reason` die een beoordelaar aanvaardt.";
    "policy-reason-misplaced": "Eén `reason` voor een heel object dat velden over mensen heeft.", "Geef een reden bij elk veld.";
    "policy-retention-form": "De bewaartijd (`retention`) is geen duur volgens ISO 8601.", "Bijvoorbeeld `\"P7Y\"`, `\"P18M\"` of `\"P90D\"`.";
    "policy-retention-long": "Een veld wordt langer dan tien jaar bewaard.", "Noem de wet die dat vraagt in `reason`, of kort de tijd in.";
    "policy-roles": "Er zijn meer rollen dan een beleid kan bevatten.", "Voeg rollen samen die hetzelfde zien.";
    "policy-route-ambiguous": "Twee routes met dezelfde methode passen even goed op hetzelfde pad.", "Haal er een weg, of maak er een preciezer.";
    "policy-route-answer": "Een route zegt niet wat het CRM antwoordt.", "Voeg `answer` toe.";
    "policy-route-body": "Een formulier zonder body die het kan bevatten, of een body zonder methode die er een heeft.", "Voeg `method = \"POST\"` en `body = \"form\"` toe, of haal het formulier weg.";
    "policy-route-file": "Een route neemt bestanden aan zonder dat hun naam een token wordt, of spreekt van bestanden die ze niet geeft.", "Geef het object een veld voor de bestandsnaam, met `tokenize` en zonder `stable`.";
    "policy-route-name": "De naam van een route heeft andere tekens dan kleine letters, cijfers, `.`, `-` en `_`.", "Noem haar naar wat men er doet: `contact.edit`.";
    "policy-route-object": "Een formulier heeft velden, en de route zegt niet van welk object.", "Voeg `object` toe, of zet de namen onder `search`, `pass` of `drop`.";
    "policy-route-path": "Een pad is geen patroon, of is een van de grens zelf.", "Schrijf het als `/persons/contact/{id}`.";
    "policy-route-query": "Een parameter in een adres zou een veld schrijven; adressen blijven in logboeken staan.", "Laat een parameter zoeken, doorgaan of vervallen.";
    "policy-route-record": "Niets zegt bij welk record de velden van een route horen.", "Noem een variabele van het pad in `record`, of zeg in `creates` waar het antwoord de nieuwe id noemt.";
    "policy-route-search": "Er wordt gezocht op een veld dat niet kan worden doorzocht.", "Het veld is een token en de klasse heeft `search = \"exact\"`; anders vervalt de naam.";
    "policy-route-secret": "`secret` laat elke tekst door op een route waar niemand zich aanmeldt.", "Geef de naam een engere vorm, of maak er een veld van.";
    "policy-route-websocket": "Wat een WebSocket meeneemt wordt niet beschermd en niet onthuld, of niemand zegt waarom dat mag.", "Laat de route weg als het CRM zonder kan.";
    "policy-scan-decision": "Iets laat bijzondere categorieën, strafrechtelijke gegevens of nationale nummers door zonder besluit van twee mensen op een wettelijke grond.", "Voeg een `decision` toe, of laat `on_special` op `block`, `strip` of `quarantine`.";
    "policy-scan-identifier": "Een tekst gaat leesbaar weg en een soort kenmerk heeft geen klasse: niets zegt wie het ziet.", "Noem onder `[detection.identifiers]` een klasse voor elke soort.";
    "policy-scan-misfit": "`scan` staat waar geen tekst is of weggaat, of is een lege lijst die niets wegneemt.", "Haal het weg.";
    "policy-scan-missing": "Een veld neemt lange tekst aan, en niemand kijkt wat erin staat.", "`scan = [\"special\"]` bij het veld of de klasse, of een `reason` waarom niet.";
    "policy-scan-room": "Het veld kan niet bevatten wat in de plaats van de tekst komt.", "Kies een andere `on_special`.";
    "policy-scan-threshold": "Een drempel ligt niet boven 0,0 en hoogstens op 0,9.", "0.5 is gewoon; niet meer zoeken is `off = true` met een `decision`.";
    "policy-search-special": "Naar waarden van een bijzondere categorie zou gezocht kunnen worden.", "Haal `search` weg.";
    "policy-singling-out": "Velden die leesbaar weggaan maken mensen samen herleidbaar.", "Gebruik vaker `hold` of `generalize`.";
    "policy-special-clear": "Een bijzondere categorie zou leesbaar weggaan.", "`hold`, `tokenize`, `encrypt` of `block` (AVG art. 9 lid 1, art. 10).";
    "policy-special-denied": "`special = false` bij een term die volgens de wet een bijzondere categorie is.", "`special = true`, of laat het weg.";
    "policy-special-exception": "Niets zegt waarom een bijzondere categorie mag worden verwerkt.", "Noem een `exception`: `\"A9-2-a\"` is uitdrukkelijke toestemming.";
    "policy-special-likely": "Naar zijn naam is het veld een bijzondere categorie, en zijn klasse niet.", "Een klasse met `special = true`, of een `reason` waarom niet.";
    "policy-stable-small": "Het veld heeft zo weinig waarden dat gelijke tokens verraden welke welke is.", "Haal `stable` weg.";
    "policy-stable-special": "Gelijke tokens van een bijzondere categorie verraden wie gelijk is.", "Haal `stable` weg.";
    "policy-step-up": "`step_up_minutes` is niet 1 tot 60, of een verse tweede factor wordt gevraagd voor wat leesbaar weggaat.", "Schrijf een aantal minuten, bescherm het veld, of haal `step_up` bij de klasse weg.";
    "policy-stray-key": "`to` of `stable` bij een actie waarvoor het niets betekent.", "Kies de actie waar het bij hoort, of haal het weg.";
    "policy-subject": "Het is niet duidelijk van wie de gegevens van een record zijn.", "`{ identify = [\"Email\"] }`, of `{ follow = \"ContactId\", object = \"Contact\" }`.";
    "policy-syntax": "Het bestand is geen TOML, of geen bestand met gevallen.", "Verbeter de regel.";
    "policy-text-in-clear": "Een veld neemt elke tekst aan, ook namen van mensen, en zou leesbaar weggaan.", "Geef het een klasse, of `{ action = \"pass\", reason = \"…\" }` onder `fields`.";
    "policy-token-domain": "`token_domain` is geen domein in kleine letters met minstens twee delen.", "Een domein van de organisatie dat geen post ontvangt.";
    "policy-token-misfit": "Het veld kan geen token bevatten: verkeerd type, of te kort.", "`hold`, `generalize` of `strip`.";
    "policy-twice": "Een naam staat er twee keer, misschien in twee schrijfwijzen.", "Houd er een.";
    "policy-uncovered": "Het CRM heeft velden die het beleid niet noemt; ze worden geweigerd.", "Beslis over elk: `fields`, `pass`, `derived` of `left_out`.";
    "policy-unknown-class": "Er is geen klasse met deze naam.", "Maak haar onder `[classes]`, of verbeter de naam.";
    "policy-unknown-field": "Het object heeft geen veld met deze naam.", "Verbeter de naam.";
    "policy-unknown-form": "Een route gebruikt een formulier dat er niet is.", "Maak het onder `[forms.…]`, of schrijf de lijsten ter plaatse.";
    "policy-unknown-key": "Een sleutel die hier niet bestaat.", "Verbeter hem; de bevinding stelt er een voor als dat kan.";
    "policy-unknown-object": "Er is geen object met deze naam.", "Verbeter de naam.";
    "policy-unknown-purpose": "Er is geen doel met deze naam.", "Maak het onder `[purposes]`, of verbeter de naam.";
    "policy-unknown-relation": "Het CRM heeft deze relatie niet, of ze leidt ergens anders heen.", "Neem de namen uit de beschrijving van het CRM.";
    "policy-unknown-role": "Er is geen rol met deze naam.", "Maak haar onder `[roles]`, of verbeter de naam.";
    "policy-unknown-value": "Een sleutel heeft een waarde die hij niet kan hebben.", "Neem een van de genoemde waarden.";
    "policy-unused-class": "Geen veld is van deze klasse.", "Noem haar bij een veld, of haal haar weg.";
    "policy-version": "Het bestand is van een andere versie van de vorm.", "`version = 1`.";
    "policy-wrong-type": "Een sleutel heeft een waarde van een ander type.", "Schrijf wat de bevinding zegt.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_told_in_dutch_and_no_other() {
        for code in CODES {
            let (means, remedy) = in_dutch(code).unwrap_or_default();
            assert!(means.ends_with('.') && !remedy.is_empty(), "{code}");
        }
        assert!(CODES.is_sorted());
        assert_eq!(in_dutch("policy-none"), None);
    }
}
