//! What the words around a number say that it is. The nearer word wins.

use super::line::{Line, is_word};

/// How far before a number a word may stand that says what it is, in characters.
const BEFORE: usize = 48;
/// How far after it.
const AFTER: usize = 32;
/// How near a word must be that makes a number something else.
const NEAR: usize = 22;

/// What the words around a number say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said {
    /// That it is a person's number.
    National,
    /// That it is the number of an order, a device, an account.
    Else,
    /// Nothing.
    Nothing,
}

/// Names of the numbers, as they begin; upper case without accents. Names that are ordinary words
/// of another language (NIE, TIN, CF, NN, TAJ) are left out: their numbers have letters, or are rare.
const NATIONAL: &[&str] = &[
    // nl
    "BSN",
    "B.S.N",
    "BURGERSERVICE",
    "BURGER SERVICE",
    "SOFI",
    "LOONHEFFING",
    "ZORGPAS",
    "PERSOONSNUMMER",
    "IDENTITEITSNUMMER",
    "RIJKSREGISTER",
    "INSZ",
    "NATIONAAL NUMMER",
    "PERSOONSGEBONDEN NUMMER",
    "FISCAAL NUMMER",
    // fr
    "NISS",
    "REGISTRE NATIONAL",
    "NUMERO NATIONAL",
    "NIR",
    "SECU",
    "N SS",
    "NUMERO SS",
    "NO SS",
    "SECURITE SOCIALE",
    "CARTE VITALE",
    "NUMERO INSEE",
    "INSEE",
    "NUMERO FISCAL",
    "IMMATRICULATION SS",
    // de
    "STEUER-ID",
    "STEUERID",
    "STEUER ID",
    "STEUERIDENT",
    "STEUER-IDENT",
    "STEUERLICHE",
    "IDNR",
    "IDENTIFIKATIONSNUMMER",
    "IDENTNUMMER",
    "SOZIALVERSICHERUNG",
    "SV-N",
    "SVN",
    "SV N",
    "SVNR",
    "RENTENVERSICHERUNG",
    "RV-N",
    "RVNR",
    "KRANKENVERSICHER",
    "KVNR",
    "KV-N",
    "VERSICHERTENN",
    "VERSICHERTEN-N",
    "GESUNDHEITSKARTE",
    "EGK",
    "STEUERN",
    "STEUER-N",
    "SV ",
    // en
    "NI N",
    "N.I",
    "NINO",
    "NATIONAL INSURANCE",
    "NHS",
    "PPS",
    "SSN",
    "SOCIAL SECURITY",
    "NATIONAL ID",
    "PERSONAL ID",
    "TAX ID",
    "TAX NUMBER",
    // ch
    "AHV",
    "AVS",
    "VERSNR",
    "VERS-NR",
    // es, pt, it
    "DNI",
    "NIF",
    "SEGURIDAD SOCIAL",
    "NUSS",
    "CODICE FISC",
    "COD. FISC",
    "COD FISC",
    "CODFISC",
    "C.F.",
    "CONTRIBUINTE",
    "DOCUMENTO NACIONAL",
    // pl and the others
    "PESEL",
    "NUMER EWIDENCYJNY",
    "PERSONNUMMER",
    "PERSONNR",
    "CPR",
    "HETU",
    "HENKILOTUNNUS",
    "RODNE CISLO",
    "RODNE C",
    "CNP",
    "OIB",
    "EGN",
    "AMKA",
    "TAJ SZAM",
    "EMSO",
    "ISIKUKOOD",
    "ASMENS KODAS",
    "MATRICULE",
];

/// What makes a number something else, as it begins.
const ELSE: &[&str] = &[
    // orders, invoices, tickets
    "ORDER",
    "BESTEL",
    "FACTU",
    "FACTURE",
    "FATTURA",
    "FAKTUR",
    "INVOICE",
    "RECHNUNG",
    "TICKET",
    "COMMANDE",
    "PEDIDO",
    "ORDINE",
    "ZAMOWIENI",
    "AUFTRAG",
    "BON ",
    "BONN",
    "PAKBON",
    "VERKOOPORDER",
    "INKOOPORDER",
    "PO ",
    "P.O",
    "OFFERTE",
    "QUOTE",
    "QUOTATION",
    "ANGEBOT",
    "DEVIS",
    "OFERTA",
    "PREVENTIVO",
    "CREDITNOTA",
    "MELDING",
    "ZAAKN",
    "ZAAK ",
    "CASE N",
    "CASE ",
    "DOSSIER",
    "REF",
    "RIF",
    "AKTENZEICHEN",
    "VORGANG",
    "SPRAWA",
    "ZGLOSZENI",
    "INCIDENT",
    "TRANSACT",
    "TRANSAKT",
    "BOEKING",
    "BOOKING",
    "RESERV",
    "BUCHUNG",
    "PRENOTAZIONE",
    "REZERWACJ",
    "PROJECT",
    "PROJEKT",
    // customers and contracts
    "KLANTN",
    "KLANT-N",
    "KLANTENN",
    "KLANTID",
    "KLANT-ID",
    "CUSTOMER N",
    "CUSTOMER ID",
    "KUNDENN",
    "KUNDEN-N",
    "KD-N",
    "KDNR",
    "DEBITEUR",
    "DEBITOR",
    "CREDITEUR",
    "RELATIEN",
    "RELATIE-N",
    "LIDN",
    "LIDMAATSCHAPSN",
    "MEMBER N",
    "MITGLIEDSN",
    "NUMERO CLIENT",
    "N CLIENT",
    "CLIENT N",
    "CODE CLIENT",
    "NUMERO DE CLIENTE",
    "NUMER KLIENTA",
    "NR KLIENTA",
    "CODICE CLIENTE",
    "POLIS",
    "POLICY",
    "POLICE",
    "POLIZZA",
    "POLIZA",
    "CONTRACT",
    "CONTRAT",
    "VERTRAG",
    "UMOW",
    "ACCOUNT N",
    "LEVERANCIERSN",
    // goods and devices
    "SERIE",
    "SERIAL",
    "S/N",
    "SN ",
    "CHASSIS",
    "FAHRGESTELL",
    "VIN",
    "METER",
    "ZAHLER",
    "COMPTEUR",
    "CONTADOR",
    "CONTATORE",
    "LICZNIK",
    "EAN",
    "SKU",
    "ART.",
    "ARTIK",
    "ARTICLE",
    "ARTICUL",
    "ARTICOL",
    "ITEM",
    "PART N",
    "PARTN",
    "ONDERDEEL",
    "MODEL",
    "LOT",
    "BATCH",
    "CHARGE",
    "PARTIJ",
    "IMEI",
    "LICEN",
    "LIZENZ",
    "MATNR",
    "MATERIAL",
    "BARCODE",
    "PRODUCT",
    "PRODUKT",
    "APPARAAT",
    "GERAT",
    // parcels, phones, banks, firms
    "TRACK",
    "ZENDING",
    "SENDUNG",
    "PAKET",
    "PAKKET",
    "PARCEL",
    "COLIS",
    "PACZK",
    "SHIPMENT",
    "TEL",
    "PHONE",
    "MOB",
    "GSM",
    "FAX",
    "IBAN",
    "REKENING",
    "KONTON",
    "BANK",
    "KVK",
    "SIREN",
    "SIRET",
    "HRB",
    "VAT",
    "BTW",
    "UST",
    "TVA",
    "IVA",
    "P.IVA",
    "NIP",
    "REGON",
    "CIF",
    "RSIN",
    "HANDELSREGISTER",
    "VERSION",
    "VERSIE",
    "BUILD",
    "EUR",
    "AGB",
    "BIG-N",
    "UZOVI",
    "EORI",
    "DUNS",
    "COMMIT",
    "HASH",
];

/// What the words around the number from `start` to `end` say; `own` are words for it alone.
pub(super) fn around(line: &Line, start: usize, end: usize, own: &[&str]) -> Said {
    let (from, to) = (start.saturating_sub(BEFORE), (end + AFTER).min(line.len()));
    // What stands behind a number is about it less often than what stands before it.
    let before = |words| nearest_before(line, words, from, start);
    let after = |words| nearest_after(line, words, end, to).map(|far| far * 2 + 2);
    let nearest = |words| [before(words), after(words)].into_iter().flatten().min();
    let national = [nearest(NATIONAL), nearest(own)]
        .into_iter()
        .flatten()
        .min();
    let other = before(ELSE).filter(|far| *far <= NEAR);
    match (national, other) {
        (Some(national), Some(other)) if other < national => Said::Else,
        (Some(_), _) => Said::National,
        (None, Some(_)) => Said::Else,
        (None, None) => Said::Nothing,
    }
}

/// How far before `start` the nearest of the words ends.
fn nearest_before(line: &Line, words: &[&str], from: usize, start: usize) -> Option<usize> {
    (from..start)
        .rev()
        .filter(|at| begins_word(line, *at))
        .find_map(|at| {
            let window = line.slice(at, start);
            let word = words
                .iter()
                .filter(|word| window.starts_with(word.as_bytes()));
            let longest = word.map(|word| word.len()).max()?;
            Some(start - (at + longest))
        })
}

/// How far behind `end` the nearest of the words begins.
fn nearest_after(line: &Line, words: &[&str], end: usize, to: usize) -> Option<usize> {
    (end..to)
        .take_while(|at| line.at(*at) != b'\n')
        .filter(|at| begins_word(line, *at))
        .find(|at| {
            let window = line.slice(*at, to);
            words.iter().any(|word| window.starts_with(word.as_bytes()))
        })
        .map(|at| at - end)
}

fn begins_word(line: &Line, at: usize) -> bool {
    is_word(line.at(at)) && (at == 0 || !is_word(line.at(at - 1)))
}
