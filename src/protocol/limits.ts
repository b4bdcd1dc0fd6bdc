/**
 * Every bound of the wire, in one table. A peer that exceeds one gets the failure that
 * `failures.ts` names for it; `docs/protocol.md` (Limits) is normative and repeats the numbers.
 */
export const LIMITS = {
  /** One PDU on the wire. Four times the longest text, so that a text survives JSON escaping of quotes,
   * newlines and most controls, and small enough that 10,000 half-sent ones fit in memory. */
  pduBytesMax: 65_536,
  /** A message's text in UTF-8. About eight printed pages: longer things are files, not talk. */
  textBytesMax: 16_384,
  /** The same text as a JSON string, quotes included. Three bytes for each of the above: no text of letters,
   * quotes and newlines comes near it, and a quarter of a PDU is left for the other fields. */
  textJsonBytesMax: 49_152,
  /** A person's name, in UTF-16 units: fits one line of a page. */
  nameCharsMax: 64,
  /** A room's name, in UTF-16 units: fits a link and a list. */
  roomCharsMax: 64,
  /** What a room is about, in UTF-16 units: two lines of a page. */
  topicCharsMax: 200,
  /** A reaction in UTF-8: the longest emoji sequences (families with skin tones) take about 50. */
  reactionBytesMax: 64,
  /** An invite token. Ours are 22 characters; the rest is room for other issuers. */
  tokenCharsMax: 256,
  /** Nesting of arrays and objects in one PDU. Ours nest 3 deep; `auth` gets the rest. */
  nestingMax: 16,
  /** Rooms that one session may be in: each costs the server a cursor (about 150 bytes) and a share of
   * every commit in it. */
  roomsPerSessionMax: 256,
  /** Events in one page of history. 200 short messages are about 40 KB, one write. */
  pageEventsMax: 200,
  /** Names in one list of a room's members; bigger rooms say only how many there are. */
  memberListMax: 100,
  /** A question to the search, in UTF-16 units. */
  searchCharsMax: 200,
  /** Messages in one page of what was found: at 240 characters each they fit a PDU. */
  foundMax: 50,
  /** Rooms in one page of the list of rooms. */
  roomListMax: 200,
  /** Largest flow-control window a client may grant (see `window` in CHAT_HELLO). */
  windowBytesMax: 4_194_304,
  /** The window that our SDK grants: at 100 ms of round trip it still allows 5 MB/s. */
  windowBytesDefault: 524_288,
  /** A datagram's payload: fits the smallest QUIC packet (RFC 9000 §14: 1,200) with its headers. */
  datagramBytesMax: 1_100,
  /** One message of a WebSocket. Twice what our client writes at once; a server's memory holds as much for each
   * client that stops in the middle of one. */
  messageBytesMax: 262_144,
} as const;
