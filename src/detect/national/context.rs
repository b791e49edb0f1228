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
    "BSNN",
    "BSNR",
    "BSN-N",
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
    // names that other languages and abbreviations give them
    "RRN",
    "RR-N",
    "BISN",
    "BIS-N",
    "NATIONAAL N",
    "KIDSID",
    "KIDS-ID",
    "DIGID",
    "PERSOONSN",
    "PERSOONLIJK NUMMER",
    "LOONSTROOK",
    "JAAROPGA",
    "ONDERWIJSNUMMER",
    "NATIONAL REGISTER",
    "FISCAL CODE",
    "PERSONAL PUBLIC",
    "CITIZEN SERVICE",
    "CHI N",
    "CHI ",
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
    "TELEFOONN",
    "TELEFONN",
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

/// How near the words are that all numbers share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    national: Option<usize>,
    other: Option<usize>,
}

impl Near {
    /// Looks around the number from `start` to `end`.
    pub(super) fn read(line: &Line, start: usize, end: usize) -> Self {
        let other = nearest_before(line, ELSE, start.saturating_sub(BEFORE), start);
        Self {
            national: nearest(line, NATIONAL, start, end),
            other: other.filter(|far| *far <= NEAR),
        }
    }

    /// What the words say; `own` are words for numbers of this kind alone.
    pub(super) fn beside(self, line: &Line, start: usize, end: usize, own: &[&str]) -> Said {
        let own = nearest(line, own, start, end);
        match ([self.national, own].into_iter().flatten().min(), self.other) {
            (Some(national), Some(other)) if other < national => Said::Else,
            (Some(_), _) => Said::National,
            (None, Some(_)) => Said::Else,
            (None, None) => Said::Nothing,
        }
    }
}

/// How near the nearest of the words is. What stands behind a number is about it less often than
/// what stands before it.
fn nearest(line: &Line, words: &[&str], start: usize, end: usize) -> Option<usize> {
    let before = nearest_before(line, words, start.saturating_sub(BEFORE), start);
    let after = nearest_after(line, words, end, (end + AFTER).min(line.len()));
    [before, after.map(|far| far * 2 + 2)]
        .into_iter()
        .flatten()
        .min()
}

/// Whether one of the words stands before the number.
pub(super) fn is_named(line: &Line, start: usize, words: &[&str]) -> bool {
    nearest_before(line, words, start.saturating_sub(BEFORE), start).is_some()
}

/// How far before `start` the nearest of the words ends.
fn nearest_before(line: &Line, words: &[&str], from: usize, start: usize) -> Option<usize> {
    (from..start)
        .rev()
        .filter(|at| begins_word(line, *at))
        .find_map(|at| {
            let window = line.slice(at, start);
            let word = words.iter().filter(|word| begins_with(window, word));
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
            words.iter().any(|word| begins_with(window, word))
        })
        .map(|at| at - end)
}

/// Whether a text begins with a word of the lists. Those of three letters must end there too:
/// "NIP" is no beginning of "nipote", "VIN" none of "Vincent".
fn begins_with(window: &[u8], word: &str) -> bool {
    let goes_on = window.get(word.len()).is_some_and(u8::is_ascii_alphabetic);
    window.starts_with(word.as_bytes()) && (word.len() > 3 || !goes_on)
}

fn begins_word(line: &Line, at: usize) -> bool {
    is_word(line.at(at)) && (at == 0 || !is_word(line.at(at - 1)))
}
