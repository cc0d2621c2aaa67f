/** What an API key may do besides reading, and from where: for every façade, and for whoever hands keys out. */
export interface KeyRights {
	/** Whatever else is said. */
	readonly readOnly: boolean;
	readonly contracts: boolean;
	readonly spot: boolean;
	/** Shown to whoever asks; no money can leave over the wire. */
	readonly withdraw: boolean;
	/** From any address where there is none. */
	readonly addresses: readonly string[];
}

export const USUAL_RIGHTS: KeyRights = { readOnly: false, contracts: true, spot: true, withdraw: false, addresses: [] };
