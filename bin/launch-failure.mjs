// @ts-check

/** Something that stops the program before it starts; the message is a sentence for its user. */
export class LaunchFailure extends Error {}
