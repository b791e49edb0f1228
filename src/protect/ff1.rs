//! FF1 of NIST SP 800-38G for one shape: 80 bits (radix 2, n = 80), AES-256, a tweak of 10 bytes.
//!
//! In this shape u = v = 40, b = 5, d = 12, and the block Q fills exactly one AES block, so that a
//! value costs ten AES calls each way. The block P is the same for all values and is encrypted once.
//! The domain, 2^80, is far above the minimum of 10^6 that SP 800-38G Rev. 1 asks for.
//! Many values go through AES at once: alone, each call would wait for the one before, and wide
//! registers would wait for the blocks to be written.

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes256Enc, Block};

use crate::model::Secret;
use crate::protect::Error;

const ROUNDS: u8 = 10;
/// As many blocks as stay in the nearest cache with their values; twice as fast as eight.
const LANES: usize = 64;
const MASK: u64 = (1 << 40) - 1;

/// 80 bits as two halves of 40: the numeral strings A and B of the specification.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Halves {
    pub left: u64,
    pub right: u64,
}

/// The permutation under one key and tweak.
pub struct Ff1 {
    cipher: Aes256Enc,
    /// AES(P), with the tweak where Q has it: `Q xor AES(P)` without round and number.
    base: u128,
}

impl Ff1 {
    /// # Errors
    /// [`Error::KeyLength`] for anything but 32 bytes.
    pub fn new(key: &Secret, tweak: [u8; 10]) -> Result<Self, Error> {
        let cipher = Aes256Enc::new_from_slice(key.expose()).map_err(|_| Error::KeyLength)?;
        // P, step 5: version, method, addition; radix in 3 bytes; 10 rounds; u; n and t in 4 bytes.
        let mut first: Block = Array([1, 2, 1, 0, 0, 2, 10, 40, 0, 0, 0, 80, 0, 0, 0, 10]);
        cipher.encrypt_block(&mut first);
        let tweak = tweak
            .iter()
            .fold(0_u128, |all, byte| (all << 8) | u128::from(*byte));
        Ok(Self {
            cipher,
            base: u128::from_be_bytes(first.0) ^ (tweak << 48),
        })
    }

    /// Algorithm 7, FF1.Encrypt, in place. A and B change places after each round there; here the
    /// two halves take turns instead.
    pub fn encrypt(&self, values: &mut [Halves]) {
        let mut blocks = [Block::default(); LANES];
        for lanes in values.chunks_mut(LANES) {
            for round in (0..ROUNDS).step_by(2) {
                self.round((round, lanes, &mut blocks), right, |value, y| {
                    value.left = value.left.wrapping_add(y) & MASK;
                });
                self.round((round + 1, lanes, &mut blocks), left, |value, y| {
                    value.right = value.right.wrapping_add(y) & MASK;
                });
            }
        }
    }

    /// Algorithm 8, FF1.Decrypt, in place.
    pub fn decrypt(&self, values: &mut [Halves]) {
        let mut blocks = [Block::default(); LANES];
        for lanes in values.chunks_mut(LANES) {
            for round in (0..ROUNDS).step_by(2).rev() {
                self.round((round + 1, lanes, &mut blocks), left, |value, y| {
                    value.right = value.right.wrapping_sub(y) & MASK;
                });
                self.round((round, lanes, &mut blocks), right, |value, y| {
                    value.left = value.left.wrapping_sub(y) & MASK;
                });
            }
        }
    }

    /// Steps 6.i to 6.vi: `of` tells the half that goes through AES, `put` gets y modulo 2^40.
    #[inline(always)]
    fn round(
        &self,
        (round, lanes, blocks): (u8, &mut [Halves], &mut [Block; LANES]),
        of: impl Fn(&Halves) -> u64,
        put: impl Fn(&mut Halves, u64),
    ) {
        let blocks = blocks.get_mut(..lanes.len()).unwrap_or_default();
        for (block, value) in blocks.iter_mut().zip(&*lanes) {
            let q = (u128::from(round) << 40) | u128::from(of(value));
            *block = Array((q ^ self.base).to_be_bytes());
        }
        self.cipher.encrypt_blocks(blocks);
        for (block, value) in blocks.iter().zip(lanes) {
            // S is the first 12 bytes of R, y its number; only y modulo 2^40 matters.
            #[expect(clippy::cast_possible_truncation, reason = "the mask follows")]
            let y = (u128::from_be_bytes(block.0) >> 32) as u64 & MASK;
            put(value, y);
        }
    }
}

fn left(value: &Halves) -> u64 {
    value.left
}

fn right(value: &Halves) -> u64 {
    value.right
}

#[cfg(test)]
mod tests {
    use fpe::ff1::{FF1, FlexibleNumeralString};
    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

    use super::*;

    fn bits(value: Halves) -> Vec<u16> {
        let whole = (u128::from(value.left) << 40) | u128::from(value.right);
        (0..80)
            .rev()
            .map(|bit| u16::from(whole >> bit & 1 == 1))
            .collect()
    }

    fn reference(key: &[u8], tweak: &[u8], value: Halves) -> Vec<u16> {
        let ff1 = FF1::<aes::Aes256>::new(key, 2).unwrap();
        let text = FlexibleNumeralString::from(bits(value));
        ff1.encrypt(tweak, &text).unwrap().into()
    }

    /// NIST, FF1 samples 7 to 9 (AES-256): they have radix 10 and 36, which this shape has not, so
    /// they hold the reference that our shape is compared with below.
    #[test]
    fn the_reference_gives_the_samples_of_nist() {
        let key = data_encoding::HEXUPPER
            .decode(b"2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94")
            .unwrap();
        let digits: Vec<u16> = (0..10).collect();
        let letters: Vec<u16> = (0..19).collect();
        let nist = |radix, tweak: &[u8], plain: &[u16]| -> Vec<u16> {
            let ff1 = FF1::<aes::Aes256>::new(&key, radix).unwrap();
            let text = FlexibleNumeralString::from(plain.to_vec());
            ff1.encrypt(tweak, &text).unwrap().into()
        };
        assert_eq!(nist(10, b"", &digits), [6, 6, 5, 7, 6, 6, 7, 0, 0, 9]);
        assert_eq!(
            nist(10, b"9876543210", &digits),
            [1, 0, 0, 1, 6, 2, 3, 4, 6, 3]
        );
        assert_eq!(
            nist(36, b"7777pqrs777", &letters),
            [
                33, 28, 8, 10, 0, 10, 35, 17, 2, 10, 31, 34, 10, 21, 34, 35, 30, 32, 13
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn our_shape_is_the_one_of_the_reference(
            key in any::<[u8; 32]>(),
            tweak in any::<[u8; 10]>(),
            left in 0..=MASK,
            right in 0..=MASK,
        ) {
            let value = Halves { left, right };
            let ff1 = Ff1::new(&Secret::new(key.to_vec()), tweak).unwrap();
            let mut ours = [value];
            ff1.encrypt(&mut ours);
            prop_assert_eq!(bits(ours[0]), reference(&key, &tweak, value));
            ff1.decrypt(&mut ours);
            prop_assert_eq!(ours[0], value);
        }
    }

    #[test]
    fn many_values_at_once_are_what_each_is_alone() {
        let ff1 = Ff1::new(&Secret::new(vec![7; 32]), *b"tenanthash").unwrap();
        for count in [0, 1, 7, 63, 64, 65, 128, 200] {
            let plain: Vec<Halves> = (0..count).map(|right| Halves { left: 0, right }).collect();
            let mut many = plain.clone();
            ff1.encrypt(&mut many);
            for (value, at_once) in plain.iter().zip(&many) {
                let mut alone = [*value];
                ff1.encrypt(&mut alone);
                assert_eq!(alone[0], *at_once);
            }
            ff1.decrypt(&mut many);
            assert_eq!(many, plain);
        }
    }
}
