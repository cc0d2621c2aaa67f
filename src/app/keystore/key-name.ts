/** How a key in the keystore may be called. */
export const KEY_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
