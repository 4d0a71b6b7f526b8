/** Ids and references as the users' database makes them: opaque, never a name of a file. */
export const OPAQUE_ID = /^[A-Z]-[A-Za-z0-9]{1,62}$/;
