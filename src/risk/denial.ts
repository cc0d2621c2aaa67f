/** Why the gate said no, by the number of the check, with the sentence that an operator reads. */
export const DENIALS = {
	PT1: 'the engine does not take new orders now',
	PT2: 'the symbol is not on the allow-list, or the venue does not trade it now',
	PT3: 'what we know of the instrument is too old',
	PT4: 'the book is not whole, not fresh, or crossed',
	PT5: 'the price is outside the collar, or the mid is far from the mark',
	PT6: 'the order would cross one of our own',
	PT7: 'the order is worth more than one order may be',
	PT8: 'the quantity is above the limit of the venue',
	PT9: 'the quantity or the worth is below the minimum of the venue',
	PT10: 'the worst case of this symbol would pass its position limit',
	PT11: 'the worst case of the account would pass its gross or net limit',
	PT12: 'too many orders are open',
	PT13: 'the rate budget is spent',
	PT14: 'the slot acts too often',
	PT15: 'another slot sent the same order a moment ago',
	PT17: 'free margin or leverage does not allow it',
	PT18: 'a reduce-only order would open or grow a position',
	PT19: 'the price or the quantity is not a whole number of ticks or lots in range',
	PT20: 'the position mode of the account is not the one we trade in',
	PT21: 'our clock and the venue disagree too much',
	PT22: 'the journal does not keep up',
	PT23: 'the order would make more than its parent asked for',
} as const;

export type DenialCode = keyof typeof DENIALS;

export const DENIAL_CODES = Object.keys(DENIALS) as readonly DenialCode[];
