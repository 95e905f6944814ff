/** Signs in the platform's name (Ed25519). */
export interface Signer {
  /** First 16 hex digits of the SHA-256 of the public key (SPKI, DER). */
  keyId: string
  /** PEM. */
  publicKey: string
  /** Base64 of the signature over the text's UTF-8. */
  sign(text: string): string
}
