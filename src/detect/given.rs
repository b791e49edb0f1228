//! Given names that tell a person's sex: who signed a text, whom somebody is engaged to.
//!
//! Only names that are common and that one of the languages gives to one sex. What two languages
//! give to different sexes (Andrea, Jan, Jean, Simone) tells it only in the language of the words
//! around it.

use super::category::Language;
use super::hash::Table;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sex {
    Male,
    Female,
}

/// Names without accents, in lower case: male ones, female ones.
const NAMES: [(Language, &str, &str); Language::ALL.len()] = [
    (
        Language::Nl,
        "jan piet kees hans bram daan sem lars sander jeroen pieter dirk henk gerrit willem joost maarten \
         bas tim tom thijs ruben stijn sven bart wouter koen erik marco mark martijn rob ronald peter paul \
         frank geert johan jasper jelle joris luuk mohamed ahmed mustafa youssef rik rutger sjoerd teun \
         thomas tobias victor vincent wim xander gijs floris hugo max niels olivier otto arjan bert cor",
        "anna emma julia sophie lotte sanne femke marieke marijke ingrid annemiek anneke saskia petra monique \
         esther mirjam linda wendy ellen els eva fleur ilse inge iris janneke jolanda karin katrien laura \
         lieke lisa loes maaike mandy manon margriet marjan marloes nathalie nienke paulien renate roos \
         sandra simone sofie tessa truus wilma yvonne fatima aicha khadija naima hanneke hilde griet an",
    ),
    (
        Language::En,
        "james john david michael robert william richard thomas george edward henry charles peter paul mark \
         andrew stephen steven simon ian graham keith kevin brian gary martin neil nigel darren craig scott \
         matthew daniel joseph oliver harry jack callum liam sean patrick declan dave mike tom ben dan greg \
         rob bill phil tony barry stuart adam luke ryan nathan owen gareth rhys marcus jeremy colin derek",
        "mary sarah emma laura rebecca rachel hannah charlotte sophie olivia amelia jessica emily lucy kate \
         katie karen susan sue julie linda helen claire jane janet margaret elizabeth anne anna alice amy \
         beth becky gemma kelly lisa louise michelle nicola nicole natalie victoria vicky zoe siobhan aoife \
         niamh deborah debbie heather fiona joanne joanna judith barbara carol caroline christine donna",
    ),
    (
        Language::De,
        "hans peter michael thomas andreas stefan wolfgang klaus juergen dieter uwe bernd frank martin markus \
         christian alexander daniel tobias florian sebastian matthias jan lukas felix maximilian paul jonas \
         leon tim moritz philipp simon david fabian dominik benjamin jens joerg ralf rainer holger heinz karl \
         kurt guenter gerhard helmut horst joachim norbert oliver ulrich volker werner mehmet mustafa franz",
        "anna maria ursula monika petra elisabeth sabine renate helga karin brigitte ingrid erika andrea gisela \
         claudia susanne gabriele christa christine barbara heike stefanie katharina katrin kathrin julia lena \
         laura lisa sarah sandra nicole nadine melanie martina manuela birgit angelika anja antje bettina \
         cornelia doris eva franziska hannah johanna jutta kerstin marie sophie silke simone sonja tanja ulrike",
    ),
    (
        Language::Fr,
        "jean pierre michel philippe alain nicolas christophe patrick daniel bernard laurent julien thomas \
         francois olivier sebastien stephane thierry vincent antoine alexandre david eric frederic gerard \
         guillaume jacques jerome marc mathieu maxime olivier pascal paul romain yves hugo lucas louis \
         gabriel arthur benoit bruno cedric didier emmanuel fabien franck gilles guy henri herve luc remi",
        "marie nathalie isabelle sylvie catherine martine christine francoise valerie sandrine stephanie \
         veronique sophie celine chantal patricia anne brigitte julie monique aurelie nicole laurence annie \
         emilie monica virginie corinne elodie christelle caroline audrey helene florence laetitia juliette \
         alice amelie charlotte chloe claire delphine emma julia karine lea louise lucie manon margaux pauline",
    ),
    (
        Language::Es,
        "antonio jose manuel francisco juan david javier carlos daniel miguel rafael pedro alejandro angel \
         fernando pablo luis sergio jorge alberto alvaro diego adrian raul ivan ruben enrique ramon vicente \
         oscar andres joaquin santiago eduardo victor mario roberto jaime ignacio marcos alfonso hugo nicolas \
         gonzalo guillermo julian tomas felipe emilio gabriel martin cesar rodrigo",
        "maria carmen ana isabel laura cristina marta dolores lucia pilar elena sara paula raquel rosa beatriz \
         teresa nuria silvia patricia rocio monica sandra irene alba andrea angela julia sonia eva mercedes \
         natalia veronica susana esther sofia claudia marina yolanda lorena alicia ines olga amparo consuelo \
         encarnacion inmaculada carla daniela gloria victoria miriam lourdes",
    ),
    (
        Language::It,
        "marco andrea giuseppe giovanni antonio mario luigi francesco roberto paolo stefano alessandro luca \
         matteo davide simone fabio massimo giorgio riccardo claudio alberto carlo franco sergio maurizio \
         vincenzo salvatore pietro domenico daniele enrico federico filippo gabriele giacomo lorenzo michele \
         nicola tommaso angelo bruno cristian dario diego emanuele giulio gianni mattia mirko valerio",
        "maria anna giulia francesca sara laura chiara martina valentina elena alessandra silvia federica \
         giorgia paola roberta elisa barbara claudia cristina daniela simona monica patrizia rosa lucia \
         angela teresa caterina ilaria alice beatrice camilla carla emanuela eleonora enrica gaia giada \
         ginevra irene lisa luisa margherita marta michela nicoletta ornella raffaella serena sofia stefania",
    ),
    (
        Language::Pl,
        "piotr krzysztof andrzej tomasz pawel jan michal marcin jakub adam stanislaw marek grzegorz lukasz \
         mateusz wojciech mariusz dariusz zbigniew jerzy rafal robert kamil jacek dawid tadeusz maciej szymon \
         ryszard kacper bartosz artur janusz slawomir miroslaw damian sebastian daniel tomek marcinem piotrem \
         tomkiem michalem pawlem krzysztofem markiem adamem jackiem kuba kuby bartkiem",
        "anna maria katarzyna malgorzata agnieszka barbara ewa krystyna elzbieta magdalena joanna aleksandra \
         zofia monika teresa natalia danuta julia karolina marta beata dorota halina jadwiga janina alicja \
         jolanta iwona grazyna paulina justyna bozena renata urszula sylwia hanna kasia asia ola gosia aga \
         ania basia ela kinga ilona edyta wioletta dominika weronika ania kasia magda",
    ),
];

/// Which languages give a name to which sex.
#[derive(Debug, Default)]
pub(super) struct Given {
    of: Table<&'static str, Vec<(Language, Sex)>>,
}

impl Given {
    pub(super) fn new() -> Self {
        let mut given = Self::default();
        for (language, male, female) in NAMES {
            for (names, sex) in [(male, Sex::Male), (female, Sex::Female)] {
                for name in names.split_ascii_whitespace() {
                    given.of.entry(name).or_default().push((language, sex));
                }
            }
        }
        given
    }

    /// The sex that a name tells in a language; in a language that does not know it, what all
    /// others agree on.
    pub(super) fn sex(&self, name: &str, language: Language) -> Option<Sex> {
        let known = self.of.get(name)?;
        let here = known.iter().find(|(of, _)| *of == language);
        let (_, first) = here.or(known.first())?;
        let agreed = here.is_some() || known.iter().all(|(_, sex)| sex == first);
        agreed.then_some(*first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_two_sexes_tells_one_in_its_language_only() {
        let given = Given::new();
        assert_eq!(given.sex("andrea", Language::It), Some(Sex::Male));
        assert_eq!(given.sex("andrea", Language::De), Some(Sex::Female));
        assert_eq!(given.sex("andrea", Language::Nl), None);
        assert_eq!(given.sex("marieke", Language::En), Some(Sex::Female));
        assert_eq!(given.sex("griep", Language::Nl), None);
    }
}
