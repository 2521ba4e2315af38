//! Secrets that must be read again, as a mail server's password: sealed with AES-256-GCM under a key of the installation's secret,
//! for one purpose and one company. Elsewhere, or in another company's row, a sealed secret opens for nobody.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use rand::TryRngCore;
use rand::rngs::OsRng;

use super::error::{Error, Result};
use super::id::Id;
use super::secret::Secret;
use crate::identity::Tenant;

/// Bytes of the nonce, which stands before the sealed text.
const NONCE: usize = 12;

/// Seals a text.
pub fn seal(secret: &Secret, purpose: &str, tenant: Id<Tenant>, text: &str) -> Result<Vec<u8>> {
    let mut nonce = [0u8; NONCE];
    OsRng.try_fill_bytes(&mut nonce).map_err(|error| Error::Internal(format!("the system has no randomness: {error}")))?;
    let tenant = tenant.uuid();
    let payload = Payload { msg: text.as_bytes(), aad: tenant.as_bytes() };
    let body = cipher(secret, purpose).encrypt(&Nonce::from(nonce), payload).map_err(|_| Error::Internal("not sealed".to_owned()))?;
    Ok([nonce.as_slice(), &body].concat())
}

/// Opens what [`seal`] sealed; nothing when it was changed, or sealed for something else or under another secret.
pub fn open(secret: &Secret, purpose: &str, tenant: Id<Tenant>, sealed: &[u8]) -> Option<String> {
    let (nonce, body) = sealed.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    let tenant = tenant.uuid();
    let payload = Payload { msg: body, aad: tenant.as_bytes() };
    let text = cipher(secret, purpose).decrypt(&Nonce::from(nonce), payload).ok()?;
    String::from_utf8(text).ok()
}

fn cipher(secret: &Secret, purpose: &str) -> Aes256Gcm {
    Aes256Gcm::new(&secret.derive(purpose).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_own_company_and_purpose_alone() {
        let secret = |seed: u8| Secret::new(&[seed; 32]).expect("is long enough");
        let (tenant, other) = (Id::new(), Id::new());
        let sealed = seal(&secret(1), "mail", tenant, "құпия").expect("seals");
        assert!(!sealed.windows(4).any(|part| "құпия".as_bytes().starts_with(part)));
        assert_eq!(open(&secret(1), "mail", tenant, &sealed).as_deref(), Some("құпия"));
        assert_ne!(seal(&secret(1), "mail", tenant, "құпия").expect("seals"), sealed, "twice is not the same");
        let mut changed = sealed.clone();
        changed[NONCE] ^= 1;
        for opened in [
            open(&secret(2), "mail", tenant, &sealed),
            open(&secret(1), "hook", tenant, &sealed),
            open(&secret(1), "mail", other, &sealed),
            open(&secret(1), "mail", tenant, &changed),
            open(&secret(1), "mail", tenant, &sealed[..5]),
        ] {
            assert_eq!(opened, None);
        }
    }
}
