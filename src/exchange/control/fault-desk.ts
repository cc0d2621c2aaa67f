/** What the control façade needs of whoever injects faults; `src/exchange/faults` offers it. */
export type FaultInjected =
	| { readonly kind: 'injected'; readonly id: string }
	/** The message names what is wrong, where, and what is expected. */
	| { readonly kind: 'refused'; readonly message: string };

export interface FaultDesk {
	/** Faults that are in force; plain values that JSON can hold. */
	list(): readonly object[];
	/** `parameters` come as they stood in the request: the desk checks them. */
	inject(name: string, parameters: Readonly<Record<string, unknown>>): FaultInjected;
	/** All of them, or the one with this id. Answers how many there were. */
	clear(id?: string): number;
	/** How often each fault has struck, by name. */
	counts(): Readonly<Record<string, number>>;
}
