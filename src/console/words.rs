//! What the console says, in each language. Both stand beside each other, so that a text that is
//! missing in one does not compile.

use http::HeaderMap;

use crate::gate::staff::ConsoleRole;
use crate::ledger::Kind;
use crate::signin::language::{self, Language};

macro_rules! words {
    ($($name:ident: $english:literal, $dutch:literal;)*) => {
        /// The texts in one language.
        pub(super) struct Words {
            language: Language,
            $(pub $name: &'static str,)*
        }

        const ENGLISH: Words = Words { language: Language::English, $($name: $english,)* };
        const DUTCH: Words = Words { language: Language::Dutch, $($name: $dutch,)* };
    };
}

words! {
    lang: "en", "nl";
    product: "sluis console", "sluis-console";
    skip: "Skip to the content", "Naar de inhoud";
    navigation: "Pages", "Pagina's";
    sign_out: "Sign out", "Afmelden";
    attention: "Attention", "Let op";
    help: "What is this page?", "Wat is deze pagina?";
    to_start: "To the first page", "Naar de eerste pagina";
    show: "Show", "Tonen";
    save: "Save", "Opslaan";
    or: "or", "of";
    none: "none", "geen";
    any: "any", "alle";
    done: "Done.", "Gedaan.";
    not_done: "Not done:", "Niet gedaan:";
    not_yours: "Not for your role", "Niet voor uw rol";
    wrong_role: "This page is for whoever has the role {roles} at the console. An administrator of the console gives roles.", "Deze pagina is voor wie bij de console de rol {roles} heeft. Een beheerder van de console geeft rollen.";
    no_page: "There is no such page.", "Deze pagina bestaat niet.";
    not_shown: "This page opens in a window of its own only. Type its address or follow a link to it.", "Deze pagina opent alleen in een eigen venster. Typ het adres of volg een link.";
    other_site: "This was sent by another site, so nothing was done. Open the page here and try again.", "Dit is door een andere site verstuurd; er is niets gedaan. Open de pagina hier en probeer het opnieuw.";
    stale_form: "This form is older than your session, so nothing was done. Open the page anew and send the form from there.", "Dit formulier is ouder dan uw sessie; er is niets gedaan. Open de pagina opnieuw en verstuur het formulier daar.";
    malformed: "The form did not come whole. Go back and send it again.", "Het formulier kwam niet heel aan. Ga terug en verstuur het opnieuw.";
    failed: "Something went wrong on our side, and nothing was changed. Try again in a moment; the log says why.", "Er ging bij ons iets mis en er is niets gewijzigd. Probeer het zo opnieuw; het logboek zegt waarom.";
    too_fast: "That was too much at once. Wait a few seconds and try again.", "Dat was te veel tegelijk. Wacht een paar tellen en probeer het opnieuw.";
    fresh_first: "To change something here, show your second factor once more.", "Toon om hier iets te wijzigen nog een keer uw tweede factor.";
    step_up: "Show it", "Tonen";

    overview: "Overview", "Overzicht";
    help_overview: "Each value that is written to the CRM is counted here by what became of it. Protected: a token or ciphertext left. In the clear: the value, or a coarser one, left. Kept back: nothing left. Refused: a request did not pass.\nRevealed counts values that were shown to somebody who may see them. All of it is counted from the ledger, which has names and numbers and no values. Times are UTC.", "Elke waarde die naar het CRM wordt geschreven wordt hier geteld naar wat ermee gebeurde. Beschermd: een token of versleutelde tekst ging weg. Leesbaar: de waarde, of een grovere, ging weg. Achtergehouden: er ging niets weg. Geweigerd: een verzoek kwam er niet door.\nOnthuld telt waarden die zijn getoond aan wie ze mag zien. Alles is geteld uit het grootboek, dat namen en aantallen heeft en geen waarden. Tijden zijn UTC.";
    span: "Period", "Periode";
    last_day: "The last 24 hours", "De laatste 24 uur";
    last_week: "The last 7 days", "De laatste 7 dagen";
    last_month: "The last 30 days", "De laatste 30 dagen";
    partial: "The ledger is long; its oldest entries are not counted here.", "Het grootboek is lang; de oudste regels zijn hier niet geteld.";
    over_time: "Values and refusals over time", "Waarden en weigeringen in de tijd";
    as_table: "The same as a table", "Hetzelfde als tabel";
    time: "Time (UTC)", "Tijd (UTC)";
    no_traffic: "Nothing has crossed the border in this period.", "In deze periode is niets de grens gepasseerd.";
    by_field: "What was written, by field", "Wat is geschreven, per veld";
    no_fields: "Nothing was written in this period.", "In deze periode is niets geschreven.";
    by_class: "What was shown, by class", "Wat is getoond, per klasse";
    no_classes: "No value was shown in this period.", "In deze periode is geen waarde getoond.";
    refused_by_reason: "Refused, by reason", "Geweigerd, per reden";
    no_refused: "Nothing was refused in this period.", "In deze periode is niets geweigerd.";
    reason: "Reason", "Reden";
    how_often: "How often", "Hoe vaak";
    findings: "Open findings", "Open bevindingen";
    no_findings: "The CRM is as the policy relies on.", "Het CRM is zoals het beleid verwacht.";
    health: "Health", "Toestand";
    works: "works", "werkt";
    fails: "does not work", "werkt niet";
    border_certificate: "Certificate of the border", "Certificaat van de grens";
    console_certificate: "Certificate of the console", "Certificaat van de console";
    days: "days", "dagen";
    last_reload: "Last reload", "Laatste herlading";
    key: "Key file", "Sleutelbestand";
    crm: "CRM", "CRM";
    open_findings: "open findings", "open bevindingen";
    in_quarantine: "texts in quarantine", "teksten in quarantaine";
    subjects: "people protected", "mensen beschermd";
    field: "Field", "Veld";
    protected: "Protected", "Beschermd";
    clear: "In the clear", "Leesbaar";
    withheld: "Kept back", "Achtergehouden";
    blocked: "Refused", "Geweigerd";
    refused: "Refused requests", "Geweigerde verzoeken";
    revealed: "Revealed", "Onthuld";
    class: "Class", "Klasse";

    policy: "Policy", "Beleid";
    policy_as_text: "The policy as text", "Het beleid als tekst";
    in_force: "In force:", "Van kracht:";
    as_text: "as text", "als tekst";
    as_fields: "As a table of fields", "Als tabel van velden";
    download: "Download", "Downloaden";
    help_policy: "What the policy in force does to each field. What it does not name is refused. Who may see a value hangs on its class, wherever its token stands.\nThe verdict follows EDPB Recommendations 01/2020, Annex 2: encryption with keys that stay in the EU (use case 1) and pseudonymisation whose additional information stays in the EU (use case 2) are effective; a processor that reads personal data in the clear (use case 6) is not, whatever the contract says.", "Wat het beleid dat van kracht is met elk veld doet. Wat het niet noemt, wordt geweigerd. Wie een waarde mag zien hangt af van de klasse, waar het token ook staat.\nHet oordeel volgt EDPB-aanbevelingen 01/2020, bijlage 2: versleuteling met sleutels die in de EU blijven (gebruiksgeval 1) en pseudonimisering waarvan de aanvullende gegevens in de EU blijven (gebruiksgeval 2) zijn doeltreffend; een verwerker die persoonsgegevens leesbaar heeft (gebruiksgeval 6) is dat niet, wat het contract ook zegt.";
    file_differs: "The policy file has another text than the policy in force. It does not come into force by itself.", "Het beleidsbestand heeft een andere tekst dan het beleid dat van kracht is. Het wordt niet vanzelf van kracht.";
    object: "Object", "Object";
    unclassified: "Not decided yet", "Nog niet beslist";
    unclassified_lead: "The CRM has these fields, and the policy does not name them: reading and writing them is refused until somebody decides.", "Het CRM heeft deze velden en het beleid noemt ze niet: lezen en schrijven worden geweigerd tot iemand beslist.";
    decide: "decide", "beslissen";
    type_length: "Type (length)", "Type (lengte)";
    demanded: "demanded by the CRM", "verplicht in het CRM";
    written: "Written in 7 days", "Geschreven in 7 dagen";
    action: "Action", "Actie";
    roles: "Who sees it", "Wie ziet het";
    verdict: "EDPB verdict", "EDPB-oordeel";
    special: "special category", "bijzondere categorie";
    search_exact: "found by the whole value", "vindbaar op de hele waarde";
    everybody: "everybody at the CRM", "iedereen in het CRM";
    nobody: "nobody", "niemand";
    case_1: "Use case 1: effective", "Gebruiksgeval 1: doeltreffend";
    case_2: "Use case 2: effective", "Gebruiksgeval 2: doeltreffend";
    case_2_equal: "Use case 2: effective, if equal values single nobody out", "Gebruiksgeval 2: doeltreffend, als gelijke waarden niemand herleidbaar maken";
    case_6: "Use case 6: not effective", "Gebruiksgeval 6: niet doeltreffend";
    case_6_coarse: "Use case 6 for what is left of the value: not effective unless it is about nobody", "Gebruiksgeval 6 voor wat van de waarde over is: niet doeltreffend, tenzij het over niemand gaat";
    case_none: "Nothing leaves", "Er gaat niets weg";
    case_not_personal: "Not personal, by this policy", "Niet persoonlijk, volgens dit beleid";

    ledger: "Ledger", "Grootboek";
    help_ledger: "Who did what to which fields, under which policy, and what was refused. Entries are only ever added, and each is chained to the one before it: \"Check the chain\" walks over all of them.\nThere are no values here. A person or program is sought by name as the ledger has it, an object and a field by the CRM's names, a class by the policy's. A copy has up to 10,000 entries; narrow the time for more.", "Wie wat deed met welke velden, onder welk beleid, en wat is geweigerd. Regels komen er alleen bij, en elke is aan de vorige geketend: \"Keten controleren\" loopt ze allemaal na.\nEr staan hier geen waarden. Een persoon of programma zoekt u op de naam in het grootboek, een object en een veld op de naam in het CRM, een klasse op de naam in het beleid. Een kopie heeft tot 10.000 regels; kies een kortere tijd voor meer.";
    person_or_client: "Person or program", "Persoon of programma";
    field_or_class: "Field or class", "Veld of klasse";
    kind: "Kind", "Soort";
    from: "From", "Van";
    until: "Until", "Tot en met";
    filter: "Search", "Zoeken";
    filter_wrong: "That cannot be sought: a day is written as 2026-11-22, and a kind is one of the list.", "Daar kan niet op worden gezocht: een dag schrijft u als 2026-11-22, en een soort is een van de lijst.";
    verify: "Check the chain", "Keten controleren";
    chain_holds: "The chain holds: {entries} entries, none missing, none changed.", "De keten klopt: {entries} regels, geen ontbreekt, geen is gewijzigd.";
    chain_broken: "The chain is broken at entry {entry}. Do not restart anything; call whoever looks after incidents.", "De keten is verbroken bij regel {entry}. Herstart niets; bel wie over incidenten gaat.";
    export_csv: "Copy as CSV", "Kopie als CSV";
    export_json: "Copy as JSON lines", "Kopie als JSON-regels";
    no_entries: "No entry is like this. Leave a part of the filter out, or choose another time.", "Geen regel voldoet hieraan. Laat een deel van het filter weg of kies een andere tijd.";
    number: "Number", "Nummer";
    operation: "Operation", "Handeling";
    what: "What", "Wat";
    outcome: "Outcome", "Uitkomst";
    older: "Older entries", "Oudere regels";
    kind_sent: "sent", "verzonden";
    kind_revealed: "revealed", "onthuld";
    kind_refused: "refused", "geweigerd";
    kind_denied: "denied entry", "niet toegelaten";
    kind_access: "access", "toegang";
    kind_admin: "administration", "beheer";
    kind_rights: "rights of people", "rechten van betrokkenen";

    drafts: "Drafts", "Concepten";
    help_drafts: "Changes of the policy that somebody proposes. A draft begins with the policy in force. Whoever edits it is its author; when it is finished, an author submits it, and an approver who had no hand in it makes it the policy in force.", "Wijzigingen van het beleid die iemand voorstelt. Een concept begint met het beleid dat van kracht is. Wie het bewerkt is auteur; is het af, dan dient een auteur het in, en een goedkeurder die er niet aan meeschreef maakt het van kracht.";
    no_review: "This border takes its policy from files, so there are no drafts and versions here. Write policy_source = \"console\" in sluis.toml to change the policy under review, or go on with files and `sluis policy`.", "Deze grens neemt het beleid uit bestanden; er zijn hier geen concepten en versies. Schrijf policy_source = \"console\" in sluis.toml om het beleid onder toezicht te wijzigen, of ga door met bestanden en `sluis policy`.";
    no_drafts: "Nobody proposes a change.", "Niemand stelt een wijziging voor.";
    no_draft: "There is no such draft.", "Dit concept bestaat niet.";
    drafts_broken: "These drafts were changed outside of the console and cannot be used:", "Deze concepten zijn buiten de console om gewijzigd en onbruikbaar:";
    all_drafts: "Show those that are over, too", "Ook afgeronde tonen";
    new_draft: "Begin a draft", "Concept beginnen";
    draft_title: "Title", "Titel";
    title_hint: "What changes, in a few words: \"hide telephone numbers from support\".", "Wat er verandert, in een paar woorden: \"telefoonnummers verbergen voor support\".";
    title_missing: "Give the draft a title.", "Geef het concept een titel.";
    begin: "Begin", "Beginnen";
    begin_from: "Begin with", "Beginnen met";
    from_version: "the version in force", "de versie die van kracht is";
    from_file: "the text that stands in the policy file", "de tekst die in het beleidsbestand staat";
    authors: "Authors", "Auteurs";
    base: "Made from version", "Gemaakt van versie";
    changed: "Changed (UTC)", "Gewijzigd (UTC)";
    state_open: "being edited", "in bewerking";
    state_submitted: "waits for approval", "wacht op goedkeuring";
    state_refused: "refused", "afgewezen";
    state_live: "in force", "van kracht";
    state_dropped: "given up", "opgegeven";
    what_if: "What if", "Wat als";
    what_if_lead: "Try this draft on the requests of the last day: which would be refused, which values would leave readable, which searches would break.", "Probeer dit concept op de verzoeken van de laatste dag: welke zouden worden geweigerd, welke waarden zouden leesbaar weggaan, welke zoekopdrachten zouden niet meer werken.";
    what_if_try: "Try it on the last day", "Probeer het op de laatste dag";
    help_what_if: "The border keeps a sample of the last day's requests, sealed, and for this only: of each kind of request of each person or program a few a minute. People are not told apart. Here each is read by the policy in force and by the draft, and what differs is counted. Nothing is sent, opened or shown.\nNot in the sample: SOAP, bulk loads, files, messages of Lightning pages, requests longer than 64 kB, requests to pages that no route names, and those that wrote a special category. Of refused requests the names of fields were kept and no values. What depends on the CRM's own answer to a changed request cannot be known.", "De grens bewaart een steekproef van de verzoeken van de laatste dag, verzegeld en alleen hiervoor: van elk soort verzoek van elke persoon of elk programma een paar per minuut. Mensen worden niet onderscheiden. Hier wordt elk gelezen door het geldende beleid en door het concept, en wat verschilt wordt geteld. Er wordt niets verstuurd, geopend of getoond.\nNiet in de steekproef: SOAP, bulkladingen, bestanden, berichten van Lightning-pagina's, verzoeken langer dan 64 kB, verzoeken om pagina's die geen route noemt, en verzoeken die een bijzondere categorie schreven. Van geweigerde verzoeken zijn de namen van velden bewaard en geen waarden. Wat afhangt van het antwoord van het CRM op een gewijzigd verzoek is niet te weten.";
    what_if_none: "No requests were kept in the last day, so there is nothing to try it on. Use the CRM through this border for a while and look again.", "Er zijn de laatste dag geen verzoeken bewaard, dus er is niets om het op te proberen. Gebruik het CRM een tijdje via deze grens en kijk opnieuw.";
    what_if_same: "{all} requests since {since}: nothing in them would go otherwise, as far as they tell.", "{all} verzoeken sinds {since}: daarin zou niets anders gaan, voor zover ze dat laten zien.";
    what_if_changed: "{all} requests since {since}: {changed} of them would go otherwise.", "{all} verzoeken sinds {since}: {changed} daarvan zouden anders gaan.";
    what_if_left_out: "{count} requests were not kept since this border started: they fall outside the sample, are too long, or came too fast.", "{count} verzoeken zijn sinds de start van deze grens niet bewaard: ze vielen buiten de steekproef, waren te lang of kwamen te snel.";
    what_if_unread: "{count} requests that were kept do not open any more.", "{count} bewaarde verzoeken gaan niet meer open.";
    what_if_off: "No requests are kept at this border: `what_if` is off in its configuration.", "Bij deze grens worden geen verzoeken bewaard: `what_if` staat uit in de configuratie.";
    what_if_busy: "Somebody tries a draft just now, which takes a moment. Open this page again when that is over.", "Iemand probeert op dit moment een concept; dat duurt even. Open deze pagina opnieuw als dat klaar is.";
    what_if_words: "This draft has paths or lists of words that the policy in force has not. What they would let pass depends on what people typed, and nobody is told that here.", "Dit concept heeft paden of woordenlijsten die het geldende beleid niet heeft. Wat ze doorlaten hangt af van wat mensen hebben getypt, en dat vertelt deze pagina niet.";
    people_all: "people", "mensen";
    what_if_errors: "The draft has errors, so it cannot be tried. Put them right first.", "Het concept bevat fouten en kan dus niet worden geprobeerd. Herstel die eerst.";
    would_expose: "Values would leave readable that are protected now", "Waarden zouden leesbaar weggaan die nu beschermd zijn";
    would_show: "Values would be shown that are not shown now", "Waarden zouden worden getoond die nu niet worden getoond";
    would_pass: "Requests would pass that are refused now", "Verzoeken zouden doorgaan die nu worden geweigerd";
    would_break: "Searches would be refused that are answered now", "Zoekopdrachten zouden worden geweigerd die nu worden beantwoord";
    would_refuse: "Requests would be refused that pass now", "Verzoeken zouden worden geweigerd die nu doorgaan";
    would_hide: "Values would no longer be shown", "Waarden zouden niet meer worden getoond";
    would_protect: "Values would be protected that leave readable now", "Waarden zouden worden beschermd die nu leesbaar weggaan";
    whole_request: "the whole request", "het hele verzoek";
    rule: "Rule", "Regel";
    who: "Who", "Wie";
    values: "Values", "Waarden";
    requests: "Requests", "Verzoeken";
    help_draft: "Here stands what this draft would change for people, what lint and the cases say of it, and each changed line. What gets weaker lets more out, shows more, or takes a guard away: it needs a reason, and an approver who has just shown their second factor. Nobody approves what they had a hand in.", "Hier staat wat dit concept voor mensen verandert, wat controle en gevallen ervan zeggen, en elke gewijzigde regel. Wat zwakker wordt laat meer weg, toont meer of haalt een waarborg weg: dat vraagt een reden, en een goedkeurder die net de tweede factor toonde. Niemand keurt goed waaraan die meeschreef.";
    help_editor: "The whole policy, as it stands in the file, with its comments. Save as often as you like: nothing comes into force by it. If somebody else saved meanwhile, both texts are put together here for you to look at.", "Het hele beleid zoals het in het bestand staat, met opmerkingen. Bewaar zo vaak u wilt: daardoor wordt niets van kracht. Heeft intussen iemand anders bewaard, dan worden beide teksten hier samengevoegd.";
    offers: "Suggestions", "Suggesties";
    offers_hint: "Suggestions come while you type: arrow keys choose, Enter or Tab takes one, Escape closes them. Ctrl+Space asks for them.", "Tijdens het typen komen suggesties: kies met de pijltjes, Enter of Tab neemt er een, Escape sluit. Ctrl+spatie vraagt erom.";
    offers_many: "suggestions", "suggesties";
    offers_none: "No suggestions here.", "Hier geen suggesties.";
    undecided: "not decided yet", "nog niet beslist";
    edit_text: "Edit as text", "Als tekst bewerken";
    edit_fields: "Edit by field", "Per veld bewerken";
    what_changes: "What changes", "Wat er verandert";
    weaker: "weaker", "zwakker";
    nothing_changes: "Nothing changes for anybody.", "Er verandert voor niemand iets.";
    cannot_tell: "Nobody can say before the errors below are mended.", "Dat kan niemand zeggen voordat de fouten hieronder zijn hersteld.";
    blind: "The policy in force does not compile any more, so nobody can say what changes. All of it counts as weaker.", "Het beleid dat van kracht is klopt niet meer; niemand kan zeggen wat er verandert. Alles telt als zwakker.";
    lint: "Lint", "Controle";
    lint_clean: "No error and no warning.", "Geen fout en geen waarschuwing.";
    error: "Error", "Fout";
    warning: "Warning", "Waarschuwing";
    line: "line", "regel";
    column: "column", "kolom";
    unknown_host: "The policy has routes at a host that sluis.toml does not name:", "Het beleid heeft routes bij een host die sluis.toml niet noemt:";
    cases: "Cases", "Gevallen";
    no_cases: "There are no cases, or nothing to try them on.", "Er zijn geen gevallen, of er is niets om ze op te proberen.";
    cases_pass: "cases, all as expected.", "gevallen, alle zoals verwacht.";
    changed_lines: "Changed lines", "Gewijzigde regels";
    changed_cases: "Changed lines of the cases", "Gewijzigde regels van de gevallen";
    why: "Why", "Waarom";
    why_not: "Why not", "Waarom niet";
    needed_weaker: "needed, because something gets weaker", "nodig, omdat iets zwakker wordt";
    submit_title: "Hand it in", "Indienen";
    submit: "Submit for approval", "Ter goedkeuring indienen";
    submitted: "It waits for an approver who had no hand in it.", "Het wacht op een goedkeurder die er niet aan meeschreef.";
    decide_title: "Decide", "Beslissen";
    approve_lead: "Approving makes exactly this text the policy in force on every node, within a second.", "Goedkeuren maakt precies deze tekst binnen een seconde van kracht op elk knooppunt.";
    approve: "Approve", "Goedkeuren";
    refuse: "Refuse", "Afwijzen";
    refused_by: "Refused by", "Afgewezen door";
    refused_draft: "Refused. Its authors see why.", "Afgewezen. De auteurs zien waarom.";
    weaker_fresh: "Something gets weaker, or could: show your second factor once more to approve it.", "Er wordt of is misschien iets zwakker: toon nog een keer uw tweede factor om goed te keuren.";
    own_work: "You had a hand in this, so somebody else decides: nobody approves what they wrote, edited or submitted.", "U werkte hieraan mee, dus iemand anders beslist: niemand keurt goed wat die schreef, bewerkte of indiende.";
    emergency_title: "Emergency: bring it into force alone", "Noodgeval: alleen van kracht maken";
    emergency_lead: "For what cannot wait. It may only refuse, drop or hide more, needs a reason, and is flagged on every page until another approver has looked at it.", "Voor wat niet kan wachten. Er mag alleen meer worden geweigerd, weggelaten of verborgen, er is een reden nodig, en het staat op elke pagina gemeld tot een andere goedkeurder het heeft bekeken.";
    emergency: "Bring into force now", "Nu van kracht maken";
    emergency_weaker: "An emergency may only refuse, drop or hide more: take a role from a class, refuse or drop a field, take a name off a list. This does something else too. Submit it, and ask another approver.", "Bij een noodgeval mag er alleen meer worden geweigerd, weggelaten of verborgen: een rol van een klasse afnemen, een veld weigeren of weglaten, een naam van een lijst halen. Dit doet ook iets anders. Dien het in en vraag een andere goedkeurder.";
    emergency_tag: "emergency", "noodgeval";
    went_live: "Version {number} is in force.", "Versie {number} is van kracht.";
    drop: "Give this draft up", "Dit concept opgeven";
    dropped: "Given up.", "Opgegeven.";
    behind_title: "Another version is in force since", "Intussen is een andere versie van kracht";
    behind: "This draft was made from an older version. Merge the version in force into it first: nothing of either is lost.", "Dit concept is van een oudere versie gemaakt. Voeg eerst de versie die van kracht is samen: van geen van beide gaat iets verloren.";
    catch_up: "Merge the version in force", "Versie die van kracht is samenvoegen";
    caught_up: "Merged without conflicts. Look at it, then submit it.", "Samengevoegd zonder conflicten. Bekijk het en dien het in.";
    merged: "Somebody else saved while you were editing. Below stands both in one: look at it, and save it.", "Iemand anders bewaarde terwijl u bewerkte. Hieronder staat beide in een: bekijk het en bewaar het.";
    merged_conflicts: "Two people changed the same lines, in {places} places. Both stand in the text between <<<<<<< and >>>>>>>: choose, take the marks out, and save.", "Twee mensen wijzigden dezelfde regels, op {places} plaatsen. Beide staan in de tekst tussen <<<<<<< en >>>>>>>: kies, haal de tekens weg en bewaar.";
    reason_missing: "Say why, for whoever reviews it.", "Zeg waarom, voor wie het beoordeelt.";
    changed_since: "It is no longer what you saw, so nothing was done. This is how it is now.", "Het is niet meer wat u zag; er is niets gedaan. Dit is hoe het nu is.";
    unfit: "It has errors, fails a case, or is behind: see above. It can be submitted once that is mended.", "Er zijn fouten, een geval klopt niet, of het loopt achter: zie hierboven. Indienen kan als dat is hersteld.";
    wrong_state: "That cannot be done: it is {state}.", "Dat kan niet: het is {state}.";
    too_long: "That is too long.", "Dat is te lang.";
    too_large: "A policy and a file of cases have at most 256 KiB and 5000 lines each.", "Een beleid en een bestand met gevallen hebben elk hoogstens 256 KiB en 5000 regels.";
    too_different: "The texts are too different to be merged line by line. Nothing was saved. Get both whole, and begin a draft from the newer one.", "De teksten verschillen te veel om regel voor regel samen te voegen. Er is niets bewaard. Haal beide in hun geheel op en begin een concept met de nieuwere.";
    too_different_to_show: "Too different to compare line by line: get both texts whole.", "Te verschillend om regel voor regel te vergelijken: haal beide teksten in hun geheel op.";
    too_many: "There are too many already. Give some up first.", "Er zijn er al te veel. Geef er eerst enkele op.";
    hidden: "There are characters in it that nobody sees, so it would not be read as it stands there. Take them out.", "Er staan tekens in die niemand ziet; het zou anders worden gelezen dan het er staat. Haal ze eruit.";
    marks_left: "Marks of a conflict are left in the text (<<<<<<<, =======, >>>>>>>). Choose, take them out, and save.", "Er staan nog tekens van een conflict in de tekst (<<<<<<<, =======, >>>>>>>). Kies, haal ze weg en bewaar.";
    not_yours_to_drop: "Only its authors and approvers give a draft up.", "Alleen auteurs en goedkeurders geven een concept op.";
    store_broken: "The store of policies was changed by somebody without its key, or was put back. Nothing was done. Call whoever looks after incidents.", "De opslag van beleid is gewijzigd door iemand zonder sleutel, of teruggezet. Er is niets gedaan. Bel wie over incidenten gaat.";
    help_field: "What becomes of this field. A class says what a value is and who may see it; the action says what leaves, the class's own unless you choose another. The rule goes into a draft; nothing comes into force by it.", "Wat er met dit veld gebeurt. Een klasse zegt wat een waarde is en wie haar mag zien; de actie zegt wat weggaat, die van de klasse tenzij u een andere kiest. De regel komt in een concept; daardoor wordt niets van kracht.";
    into_draft: "Into which draft", "In welk concept";
    into_new: "a new draft", "een nieuw concept";
    into_draft_button: "Put it into the draft", "In het concept zetten";
    as_class: "as the class says", "zoals de klasse zegt";
    as_it_is: "as it is now", "zoals het nu is";
    list_pass: "not personal: leaves as it is", "niet persoonlijk: gaat weg zoals het is";
    list_left_out: "refused on purpose", "met opzet geweigerd";
    stable: "equal values get equal tokens", "gelijke waarden krijgen gelijke tokens";
    field_reason: "Why, where this departs from what lint advises (stands in the file)", "Waarom, als dit afwijkt van wat de controle adviseert (komt in het bestand)";
    no_rule: "Choose a class, or one of the two above the classes.", "Kies een klasse, of een van de twee erboven.";
    versions: "Versions", "Versies";
    version: "Version", "Versie";
    help_versions: "Every policy that was in force, who wrote it, and who approved it. Versions are chained and signed: nobody can change, add or cut one. An older one comes back only as a new one, with its text, by the way of two people.", "Elk beleid dat van kracht was, wie het schreef en wie het goedkeurde. Versies zijn geketend en ondertekend: niemand kan er een wijzigen, toevoegen of weglaten. Een oudere komt alleen terug als nieuwe, met dezelfde tekst en langs de weg van twee mensen.";
    no_versions: "There is no version yet.", "Er is nog geen versie.";
    no_version: "There is no such version.", "Deze versie bestaat niet.";
    older_versions: "Older versions", "Oudere versies";
    approver: "Approved by", "Goedgekeurd door";
    past: "was in force before", "was eerder van kracht";
    not_reviewed: "waits for another approver's look", "wacht op de blik van een andere goedkeurder";
    reviewed_by: "looked at by", "bekeken door";
    mark_reviewed: "I have looked at it", "Ik heb het bekeken";
    not_flagged: "This version waits for nobody's look.", "Deze versie wacht op niemands blik.";
    roll_back: "Back to this version", "Terug naar deze versie";
    roll_back_lead: "This makes a submitted draft with this version's text. Another approver brings it into force, under a new number.", "Dit maakt een ingediend concept met de tekst van deze versie. Een andere goedkeurder maakt het van kracht, onder een nieuw nummer.";

    waiting_second: "Waits for a second administrator", "Wacht op een tweede beheerder";
    waiting_lead: "Roles that show values or take part in decisions, and new ways in under somebody's name, take two administrators. Before you confirm, ask the person by a way that you know. Whoever confirms gets the link.", "Rollen die waarden tonen of meebeslissen, en nieuwe toegang op iemands naam, vragen twee beheerders. Vraag het de persoon langs een weg die u kent voordat u bevestigt. Wie bevestigt krijgt de link.";
    waits_for_second: "Another administrator confirms this, within a day; it stands on the page of people. Where there is no other one, `sluis user` or `sluis client` on the machine itself does it.", "Een andere beheerder bevestigt dit, binnen een dag; het staat op de pagina met mensen. Is er geen andere, dan doet `sluis user` of `sluis client` op de machine zelf het.";
    wanted_by: "wanted by", "gewenst door";
    until_time: "until", "tot";
    confirm: "Confirm", "Bevestigen";
    several: "Fields and classes", "Velden en klassen";
    first_file: "the file of the first start", "het bestand van de eerste start";
    people: "People", "Mensen";
    help_people: "Everybody who may sign in at the border, at the console, or at both. Roles of the policy say which values somebody sees at the border; roles of the console say what they may do here. Nobody changes themselves, and what gives somebody a say or a look at values takes two administrators.\nWhoever is invited gets a link, which is shown once: give it to them in person or by a way that nobody else reads. Each change ends their sessions and stands in the ledger.", "Iedereen die zich kan aanmelden bij de grens, bij de console of bij beide. Rollen van het beleid zeggen welke waarden iemand aan de grens ziet; rollen van de console wat iemand hier mag doen. Niemand wijzigt zichzelf, en wat iemand zeggenschap of zicht op waarden geeft vraagt twee beheerders.\nWie wordt uitgenodigd krijgt een link, die een keer wordt getoond: geef hem persoonlijk of langs een weg die niemand anders leest. Elke wijziging beëindigt de sessies en staat in het grootboek.";
    login: "Login name", "Aanmeldnaam";
    name: "Name", "Naam";
    state: "State", "Status";
    factors: "Factors", "Factoren";
    policy_roles: "Roles of the policy", "Rollen van het beleid";
    console_roles: "Roles of the console", "Rollen van de console";
    purpose: "Purpose", "Doel";
    invite: "Invite somebody", "Iemand uitnodigen";
    no_role_chosen: "Choose at least one role: somebody without any could do nothing.", "Kies minstens één rol: wie er geen heeft, kan niets.";
    name_taken: "Somebody has this login name already, a person or a program. Choose another.", "Deze aanmeldnaam is al van een persoon of programma. Kies een andere.";
    no_person: "There is no such person.", "Deze persoon bestaat niet.";
    not_oneself: "Nobody changes their own roles or access. Ask another administrator.", "Niemand wijzigt de eigen rollen of toegang. Vraag een andere beheerder.";
    change_roles: "Change the roles", "Rollen wijzigen";
    sessions_end: "Their sessions end, and they sign in again.", "De sessies eindigen; de persoon meldt zich opnieuw aan.";
    access: "Access", "Toegang";
    new_link: "Make another link", "Nieuwe link maken";
    enable: "Let in again", "Weer toelaten";
    disable: "Shut out", "Buitensluiten";
    reset: "Take all factors away", "Alle factoren afnemen";
    reset_lead: "Taking factors away ends everything that the person signs in with and makes a new link, as when a phone is lost. Make sure who asks: call back on a number that you know.", "Factoren afnemen beëindigt alles waarmee de persoon zich aanmeldt en maakt een nieuwe link, zoals bij een verloren telefoon. Ga na wie het vraagt: bel terug op een nummer dat u kent.";
    link_for: "Link for", "Link voor";
    link_lead: "Shown this once, and it holds for 24 hours. Give it to the person in person, or by a way that nobody else reads.", "Wordt alleen nu getoond en geldt 24 uur. Geef hem persoonlijk of langs een weg die niemand anders leest.";
    link_until: "link until", "link tot";
    password_codes: "password and codes", "wachtwoord en codes";
    invited: "invited", "uitgenodigd";
    active: "active", "actief";
    disabled: "shut out", "buitengesloten";
    role_viewer: "reads the overview, the policy and its drafts", "leest het overzicht, het beleid en de concepten";
    role_editor: "also makes drafts and submits them", "maakt ook concepten en dient ze in";
    role_approver: "also approves what others wrote, and rolls back", "keurt ook goed wat anderen schreven, en draait terug";
    role_auditor: "reads the overview and the ledger", "leest het overzicht en het grootboek";
    role_admin: "looks after people, programs and sessions", "beheert mensen, programma's en sessies";

    sessions: "Sessions", "Sessies";
    help_sessions: "Who is signed in, at the border or at the console. A session of one opens nothing at the other. Ending one acts with its next request.", "Wie is aangemeld, bij de grens of bij de console. Een sessie van de een opent niets bij de ander. Beëindigen werkt bij het volgende verzoek.";
    surface: "At", "Bij";
    border: "the border", "de grens";
    console: "the console", "de console";
    since: "Since", "Sinds";
    last_seen: "Last request", "Laatste verzoek";
    ends: "Ends", "Eindigt";
    end: "End", "Beëindigen";

    clients: "Programs", "Programma's";
    help_clients: "Programs that come through the border, each with two independent proofs, a purpose and roles. Secrets are not shown anywhere: they were shown once, when they were made.\n\"End tokens\" makes a program sign in anew; \"Shut out\" keeps it out. New programs, and proofs other than a secret, are made with `sluis client` on the machine itself.", "Programma's die door de grens gaan, elk met twee onafhankelijke bewijzen, een doel en rollen. Geheimen worden nergens getoond: dat gebeurde een keer, toen ze werden gemaakt.\n\"Tokens beëindigen\" laat een programma zich opnieuw aanmelden; \"Buitensluiten\" houdt het buiten. Nieuwe programma's, en andere bewijzen dan een geheim, maakt u met `sluis client` op de machine zelf.";
    no_clients: "No program may come through the border. Make one with `sluis client add`.", "Geen programma mag door de grens. Maak er een met `sluis client add`.";
    proofs: "Proofs", "Bewijzen";
    last_use: "Last seen", "Laatst gezien";
    not_seen: "not seen", "niet gezien";
    revoke: "End tokens", "Tokens beëindigen";
    client_id: "Client id", "Client-id";
    pace: "Requests a second", "Verzoeken per seconde";
    at_once: "at once", "tegelijk";
    made_on: "Made", "Gemaakt";
    changed_on: "Changed", "Gewijzigd";
    tokens_held: "Tokens", "Tokens";
    token_access: "of a sign-in", "van een aanmelding";
    token_refresh: "to refresh", "om te vernieuwen";
    token_static: "static", "vast";
    fields_of: "What it keeps to", "Waar het zich toe beperkt";
    all_fields: "all that the policy has rules for", "alles waar het beleid regels voor heeft";
    objects_fields: "Objects and fields", "Objecten en velden";
    fields_lead: "Objects (Lead) and single fields (Contact.Email), each on a line of its own. The program reads and writes these and nothing else, from its next request on. A shorter list holds at once; what adds to it, a second administrator confirms.", "Objecten (Lead) en losse velden (Contact.Email), elk op een eigen regel. Het programma leest en schrijft deze en niets anders, vanaf het volgende verzoek. Een kortere lijst geldt meteen; wat eraan toevoegt, bevestigt een tweede beheerder.";
    lift_list: "Lift the list", "Lijst opheffen";
    lift_lead: "Then the program may use all that the policy has rules for, as its roles see it. A second administrator confirms that.", "Dan mag het programma alles gebruiken waar het beleid regels voor heeft, zoals de rollen het zien. Een tweede beheerder bevestigt dat.";
    no_list: "A list has 1 to 500 names, each of an object (Lead) or of a field with its object (Contact.Email).", "Een lijst heeft 1 tot 500 namen, elk van een object (Lead) of van een veld met het object (Contact.Email).";
    no_list_of_pages: "The pages of this CRM do not say which value is which field, so no program can keep to a list.", "De pagina's van dit CRM zeggen niet welke waarde bij welk veld hoort; een programma kan zich niet tot een lijst beperken.";
    no_such_object: "The policy has no object {name}.", "Het beleid heeft geen object {name}.";
    no_such_field: "The policy has no field {name}.", "Het beleid heeft geen veld {name}.";
    did_you_mean: "Did you mean {name}?", "Bedoelt u {name}?";
    new_secret: "Make another secret", "Nieuw geheim maken";
    secret_lead: "The old secret and all tokens end when a second administrator confirms it, and the new one is shown to them, once. If the old one got out, end the tokens or shut the program out first: that takes one administrator.", "Het oude geheim en alle tokens eindigen als een tweede beheerder het bevestigt; die krijgt het nieuwe een keer te zien. Is het oude uitgelekt, beëindig dan eerst de tokens of sluit het programma buiten: dat kan één beheerder.";
    secret_once: "The new secret. It is shown this once: give it to the program by a way that nobody else reads. With the program's other proof it opens the border; alone it opens nothing.", "Het nieuwe geheim. Het wordt alleen nu getoond: geef het aan het programma langs een weg die niemand anders leest. Met het andere bewijs van het programma opent het de grens; alleen opent het niets.";
    no_client: "There is no such program.", "Dit programma bestaat niet.";
}

/// The words of the language that is asked for.
pub(super) fn of(headers: &HeaderMap) -> &'static Words {
    match language::of(headers) {
        Language::English => &ENGLISH,
        Language::Dutch => &DUTCH,
    }
}

impl Words {
    /// Which of two texts is in this language.
    pub fn choose<T>(&self, english: T, dutch: T) -> T {
        match self.language {
            Language::English => english,
            Language::Dutch => dutch,
        }
    }

    pub fn kind_of(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Sent => self.kind_sent,
            Kind::Revealed => self.kind_revealed,
            Kind::Refused => self.kind_refused,
            Kind::Denied => self.kind_denied,
            Kind::Access => self.kind_access,
            Kind::Admin => self.kind_admin,
            Kind::Rights => self.kind_rights,
        }
    }

    pub fn role_of(&self, role: ConsoleRole) -> &'static str {
        match role {
            ConsoleRole::Viewer => self.role_viewer,
            ConsoleRole::Editor => self.role_editor,
            ConsoleRole::Approver => self.role_approver,
            ConsoleRole::Auditor => self.role_auditor,
            ConsoleRole::Admin => self.role_admin,
        }
    }
}
