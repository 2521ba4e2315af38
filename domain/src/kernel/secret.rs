//! Random tokens, their digests, and what signs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};

/// The installation's secret. Never printed.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The fewest bytes accepted.
    pub const MIN: usize = 32;

    /// `None` when it is shorter than [`Secret::MIN`] bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= Self::MIN).then(|| Self(bytes.to_vec()))
    }

    /// A key for one purpose, so that a signature made for one is worth nothing to another.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret handed to a person once; only its [`digest`](Token::digest) is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// 256 random bits.
    pub fn new() -> Self {
        Self::random::<32>()
    }

    /// 128 random bits, for keys a person may have to type.
    pub fn short() -> Self {
        Self::random::<16>()
    }

    fn random<const N: usize>() -> Self {
        let mut bytes = [0u8; N];
        OsRng.try_fill_bytes(&mut bytes).unwrap_or_else(|error| unreachable!("the system has no randomness: {error}"));
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What somebody presented.
    pub fn presented(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// What is stored and looked up. The tokens are random, so a plain hash does.
    pub fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    /// The text, to be shown or mailed.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}
