/** An XMPP server delivers some 20,000 messages a second here: a tenth of the work takes it as long as others all. */
export const XMPP_LOAD_SHARE = 0.1;
