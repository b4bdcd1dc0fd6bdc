/** What is used of @number0/iroh. Its own declarations are in a package that may not be installed. */

export interface Native {
  readonly Endpoint: { builder(): NativeBuilder };
  readonly EndpointId: { fromString(id: string): NativeId };
  readonly EndpointAddr: new (id: NativeId, relay: string | null, addresses: string[]) => NativeAddr;
  readonly RelayMode: {
    disabled(): NativeRelayMode;
    defaultMode(): NativeRelayMode;
    /** Throws where one is no URL. */
    customFromUrls(urls: string[]): NativeRelayMode;
  };
}

export interface NativeBuilder {
  applyMinimal(): void;
  secretKey(bytes: number[]): void;
  alpns(alpns: number[][]): void;
  relayMode(mode: NativeRelayMode): void;
  bindAddr(addr: string): void;
  bind(): Promise<NativeEndpoint>;
}

export interface NativeEndpoint {
  id(): NativeId;
  addr(): NativeAddr;
  boundSockets(): string[];
  connect(addr: NativeAddr, alpn: number[]): Promise<NativeConnection>;
  acceptNext(): Promise<NativeIncoming | null>;
  /** Resolves once a relay is connected: never without one. */
  online(): Promise<void>;
  addExternalAddr(addr: string): Promise<void>;
  removeExternalAddr(addr: string): Promise<boolean>;
  isClosed(): boolean;
  close(): Promise<void>;
}

export interface NativeAddr {
  directAddresses(): string[];
  relayUrl(): string | null;
}

export interface NativeId {
  toString(): string;
}

export interface NativeRelayMode {
  relayMap(): { urls(): string[] };
}

export interface NativeIncoming {
  accept(): Promise<{ connect(): Promise<NativeConnection> }>;
  refuse(): Promise<void>;
}

export interface NativeConnection {
  remoteId(): NativeId;
  openBi(): Promise<NativeStream>;
  acceptBi(): Promise<NativeStream>;
  close(code: bigint, reason: number[]): void;
  rtt(): number | null;
  paths(): { isSelected: boolean; isRelay: boolean; remoteAddr: string }[];
}

export interface NativeStream {
  readonly send: { writeAll(bytes: number[]): Promise<void> };
  readonly recv: { read(sizeMax: number): Promise<number[]> };
}
