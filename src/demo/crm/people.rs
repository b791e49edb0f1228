//! Invented Dutch people, always the same, and the requests that put them into a CRM.
//!
//! The numbers (06-0000…, 020-0000…) and the domain example.nl belong to nobody.

use serde_json::{Value, json};

/// One invented person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Person {
    /// `P-007`: the external id of the record.
    pub key: String,
    pub first: &'static str,
    pub last: &'static str,
    pub salutation: &'static str,
    pub email: String,
    pub phone: String,
    pub mobile: String,
    pub street: String,
    pub postal_code: String,
    pub city: &'static str,
    /// `1957-02-06`
    pub birthdate: String,
    pub title: &'static str,
    pub company: String,
    pub note: String,
}

/// How many of the people are contacts; the others are leads.
const CONTACTS: usize = 30;

/// How many of the contacts work for one account.
const COLLEAGUES: usize = 3;

/// First name, last name, the local part of the address of e-mail, and whether it is a woman.
const NAMES: [(&str, &str, &str, bool); 40] = [
    ("Sanne", "de Vries", "sanne.vries", true),
    ("Zoë", "van 't Hoff", "zoe.hoff", true),
    ("Bram", "Jansen", "bram.jansen", false),
    ("Fatma", "Çelik", "fatma.celik", true),
    ("Müşerref", "Öztürk", "muserref.ozturk", true),
    ("Daan", "van den Berg", "daan.berg", false),
    ("Siân", "O'Brien", "sian.obrien", true),
    ("Łukasz", "Wiśniewski", "lukasz.wisniewski", false),
    ("Jan-Willem", "Bakker-de Boer", "jan-willem.bakker", false),
    ("Noor", "Visser", "noor.visser", true),
    ("Mohammed", "El Amrani", "mohammed.amrani", false),
    ("Ingrid", "Sørensen", "ingrid.sorensen", true),
    ("Piet", "Smit", "piet.smit", false),
    ("Anaïs", "Dubois", "anais.dubois", true),
    ("Jürgen", "Größmann", "jurgen.grossmann", false),
    ("Maria", "Dijkstra", "maria.dijkstra", true),
    ("Thijs", "Mulder", "thijs.mulder", false),
    ("Esmée", "Bos", "esmee.bos", true),
    ("Kees", "Vos", "kees.vos", false),
    ("Aaltje", "Peters", "aaltje.peters", true),
    ("Björn", "Hendriks", "bjorn.hendriks", false),
    ("Lotte", "van Leeuwen", "lotte.leeuwen", true),
    ("Ruben", "de Groot", "ruben.groot", false),
    ("Saskia", "Kuipers", "saskia.kuipers", true),
    ("Femke", "Hoekstra", "femke.hoekstra", true),
    ("Youssef", "Benali", "youssef.benali", false),
    ("Hanna", "Ten Cate", "hanna.cate", true),
    ("Teun", "Verhoeven", "teun.verhoeven", false),
    ("Ayşe", "Yıldız", "ayse.yildiz", true),
    ("Gerrit", "Schouten", "gerrit.schouten", false),
    ("Merel", "van der Linden", "merel.linden", true),
    ("Sjoerd", "Postma", "sjoerd.postma", false),
    ("Priya", "Ramdin", "priya.ramdin", true),
    ("Wouter", "Kok", "wouter.kok", false),
    ("Iris", "Willems", "iris.willems", true),
    ("Chidi", "Okafor", "chidi.okafor", false),
    ("Tessa", "Jacobs", "tessa.jacobs", true),
    ("Hugo", "van Dam", "hugo.dam", false),
    ("Nienke", "Scholten", "nienke.scholten", true),
    ("Tomáš", "Novák", "tomas.novak", false),
];

const STREETS: [&str; 8] = [
    "Keizersgracht",
    "Lange Vijverberg",
    "Witte de Withstraat",
    "Oudegracht",
    "Vrijthof",
    "Grote Markt",
    "Korenmarkt",
    "'s-Gravenweg",
];

const CITIES: [(&str, &str); 8] = [
    ("Amsterdam", "1015"),
    ("Den Haag", "2513"),
    ("Rotterdam", "3012"),
    ("Utrecht", "3511"),
    ("Maastricht", "6211"),
    ("Groningen", "9712"),
    ("Arnhem", "6811"),
    ("'s-Hertogenbosch", "5211"),
];

/// Notes as people should write them: what lies behind is nobody's business, and the starter policy
/// refuses it.
const NOTES: [(usize, &str); 7] = [
    (1, "Komt in maart niet; collega vragen."),
    (
        4,
        "Niet bellen tussen 12 en 15 uur, op verzoek van de klant.",
    ),
    (7, "Belt namens collega's."),
    (10, "Vroeg om uitstel om persoonlijke redenen."),
    (13, "Staat samen ingeschreven; post aan beiden."),
    (16, "Betaalt vooruit, zo afgesproken."),
    (19, "Spreekt op het congres; daarna bellen."),
];

/// The people, in a fixed order: thirty contacts, then ten leads.
#[must_use]
pub fn people() -> Vec<Person> {
    let everyone = NAMES.iter().enumerate();
    everyone
        .map(|(number, name)| person(number, name))
        .collect()
}

/// The REST requests `(method, path, body)` that create the people with their accounts, cases,
/// tasks, events and messages, related by external ids, so that they can be sent through anything.
#[must_use]
pub fn seed_requests() -> Vec<(String, String, Value)> {
    let people = people();
    let (contacts, leads) = people.split_at(CONTACTS.min(people.len()));
    let numbered = || contacts.iter().enumerate();
    let every = |step: usize| move |(number, _): &(usize, &Person)| number.is_multiple_of(step);
    let batches: [Vec<Value>; 7] = [
        contacts
            .chunks(COLLEAGUES)
            .enumerate()
            .filter_map(account)
            .collect(),
        numbered().map(contact).collect(),
        leads.iter().enumerate().map(lead).collect(),
        numbered().filter(every(2)).map(case).collect(),
        numbered().filter(every(3)).map(task).collect(),
        numbered().filter(every(5)).map(event).collect(),
        numbered().filter(every(6)).map(message).collect(),
    ];
    let request = |records: Vec<Value>| {
        let path = "/services/data/v62.0/composite/sobjects".to_owned();
        let body = json!({"allOrNone": true, "records": records});
        ("POST".to_owned(), path, body)
    };
    batches.into_iter().map(request).collect()
}

fn person(number: usize, name: &(&'static str, &'static str, &str, bool)) -> Person {
    let (first, last, local, woman) = *name;
    let (city, digits) = pick(&CITIES, number);
    let letter = |shift: usize| {
        let place = u8::try_from((number + shift) % 26).unwrap_or_default();
        char::from(b'A' + place)
    };
    let note = NOTES.iter().find(|(of, _)| *of == number);
    let note = note.map_or_else(
        || {
            format!(
                "Wil graag op dinsdag gebeld worden over offerte {}.",
                2600 + number
            )
        },
        |(_, note)| (*note).to_owned(),
    );
    let end = if number.is_multiple_of(5) { "-bis" } else { "" };
    Person {
        key: format!("P-{number:03}"),
        first,
        last,
        salutation: if woman { "Ms." } else { "Mr." },
        email: format!("{local}{number:02}@example.nl"),
        phone: format!("+31 20 0000{number:03}"),
        mobile: format!("06-0000{}", 1000 + number),
        street: format!("{} {}{end}", pick(&STREETS, number), 11 + number * 3),
        postal_code: format!("{digits} {}{}", letter(0), letter(1)),
        city,
        birthdate: format!(
            "{}-{:02}-{:02}",
            1950 + number * 7 % 55,
            1 + number % 12,
            1 + number * 5 % 28
        ),
        title: pick(&["Inkoper", "Directeur", "Secretaresse", "Monteur"], number),
        company: format!("Testbedrijf {:02} B.V.", number / COLLEAGUES),
        note,
    }
}

/// The item that is next in turn.
fn pick<T: Copy + Default>(items: &[T], number: usize) -> T {
    items.get(number % items.len()).copied().unwrap_or_default()
}

fn account((number, people): (usize, &[Person])) -> Option<Value> {
    let first = people.first()?;
    Some(json!({
        "attributes": {"type": "Account"},
        "Ext_Id__c": format!("A-{number:03}"),
        "Name": first.company,
        "Phone": first.phone,
        "BillingStreet": first.street,
        "BillingPostalCode": first.postal_code,
        "BillingCity": first.city,
        "BillingCountry": "Nederland",
        "Industry": pick(&["Retail", "Healthcare", "Construction"], number),
    }))
}

fn contact((number, person): (usize, &Person)) -> Value {
    json!({
        "attributes": {"type": "Contact"},
        "Ext_Id__c": person.key,
        "Account": {"Ext_Id__c": format!("A-{:03}", number / COLLEAGUES)},
        "Salutation": person.salutation,
        "FirstName": person.first,
        "LastName": person.last,
        "Email": person.email,
        "Phone": person.phone,
        "MobilePhone": person.mobile,
        "Title": person.title,
        "Birthdate": person.birthdate,
        "MailingStreet": person.street,
        "MailingPostalCode": person.postal_code,
        "MailingCity": person.city,
        "MailingCountry": "Nederland",
        "Description": person.note,
    })
}

fn lead((number, person): (usize, &Person)) -> Value {
    json!({
        "attributes": {"type": "Lead"},
        "Salutation": person.salutation,
        "FirstName": person.first,
        "LastName": person.last,
        "Company": person.company,
        "Email": person.email,
        "Phone": person.phone,
        "MobilePhone": person.mobile,
        "Title": person.title,
        "Street": person.street,
        "PostalCode": person.postal_code,
        "City": person.city,
        "Country": "Nederland",
        "Status": pick(&["Open - Not Contacted", "Working - Contacted"], number),
        "Description": person.note,
    })
}

fn case((number, person): (usize, &Person)) -> Value {
    json!({
        "attributes": {"type": "Case"},
        "Contact": {"Ext_Id__c": person.key},
        "SuppliedName": format!("{} {}", person.first, person.last),
        "SuppliedEmail": person.email,
        "SuppliedPhone": person.mobile,
        "Subject": pick(&["Vraag over factuur", "Levering te laat", "Adres wijzigen"], number),
        "Status": pick(&["New", "Working", "Closed"], number / 2),
        "Origin": pick(&["Email", "Phone", "Web"], number),
        "Description": format!("{} {} belde: {}", person.first, person.last, person.note),
    })
}

fn task((number, person): (usize, &Person)) -> Value {
    json!({
        "attributes": {"type": "Task"},
        "Who": {"attributes": {"type": "Contact"}, "Ext_Id__c": person.key},
        "Subject": format!("Terugbellen {} {}", person.first, person.last),
        "Status": pick(&["Not Started", "Completed"], number / 3),
        "Priority": pick(&["Normal", "High"], number),
        "ActivityDate": format!("2026-{:02}-{:02}", 1 + number % 12, 1 + number % 28),
        "Description": format!("Bel {} op {}.", person.first, person.mobile),
    })
}

fn event((number, person): (usize, &Person)) -> Value {
    json!({
        "attributes": {"type": "Event"},
        "Who": {"attributes": {"type": "Contact"}, "Ext_Id__c": person.key},
        "Subject": format!("Afspraak met {} {}", person.first, person.last),
        "Location": format!("{}, {}", person.street, person.city),
        "StartDateTime": format!("2026-{:02}-{:02}T09:30:00.000Z", 1 + number % 12, 1 + number % 28),
        "DurationInMinutes": 45,
    })
}

fn message((number, person): (usize, &Person)) -> Value {
    json!({
        "attributes": {"type": "EmailMessage"},
        "RelatedTo": {
            "attributes": {"type": "Account"},
            "Ext_Id__c": format!("A-{:03}", number / COLLEAGUES),
        },
        "FromName": format!("{} {}", person.first, person.last),
        "FromAddress": person.email,
        "ToAddress": "info@example.nl",
        "Incoming": true,
        "Status": "0",
        "MessageDate": format!("2026-{:02}-{:02}T08:00:00.000Z", 1 + number % 12, 1 + number % 28),
        "Subject": "Vraag over mijn bestelling",
        "TextBody": format!(
            "Goedemiddag,\n{}\nMet vriendelijke groet,\n{} {}\n{}",
            person.note, person.first, person.last, person.mobile
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::{people, seed_requests};

    #[test]
    fn everyone_has_an_address_of_their_own_in_a_reserved_domain() {
        let mut emails: Vec<String> = people().into_iter().map(|person| person.email).collect();
        assert!(emails.iter().all(|email| email.ends_with("@example.nl")));
        emails.sort();
        emails.dedup();
        assert_eq!(emails.len(), 40);
    }

    #[test]
    fn the_requests_are_the_same_each_time() {
        assert_eq!(seed_requests(), seed_requests());
    }
}
