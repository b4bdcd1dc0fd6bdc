/** The words of the lists of people and of a peer's group: apart, as they are loaded with those. */
export const PEERS = {
  en: {
    sameName: "two have this name: this tells them apart",
    title: "Members of this group",
    none: "Nobody is known yet: pass on the ticket that quicchat peer printed.",
    direct: "direct",
    relayed: "by a relay",
    away: "not connected",
    behind: (n: number) => `${n} events to come`,
    ahead: (n: number) => `${n} events to go`,
  },
  de: {
    sameName: "Zwei heißen so: daran sind sie zu unterscheiden",
    title: "Mitglieder dieser Gruppe",
    none: "Noch niemand bekannt: Gib die Karte weiter, die quicchat peer ausgegeben hat.",
    direct: "direkt",
    relayed: "über ein Relay",
    away: "nicht verbunden",
    behind: (n: number) => `${n} Ereignisse kommen noch`,
    ahead: (n: number) => `${n} Ereignisse gehen noch`,
  },
} as const;

export type PeersWords = (typeof PEERS)["en" | "de"];
