/** How profit comes about, as parts that add up. Pure. */

export interface ProfitParts {
	readonly spread: number;
	readonly inventory: number;
	readonly fees: number;
	readonly funding: number;
	readonly total: number;
}

export interface WaterfallStep {
	readonly name: keyof ProfitParts;
	readonly label: string;
	readonly value: number;
	/** Where its bar begins and ends: a part begins where the one before ended, the total at nothing. */
	readonly from: number;
	readonly to: number;
}

const PARTS = [
	['spread', 'Spread'],
	['inventory', 'Inventory'],
	['fees', 'Fees'],
	['funding', 'Funding'],
] as const;

export function waterfall(parts: ProfitParts): WaterfallStep[] {
	let sum = 0;
	const steps: WaterfallStep[] = PARTS.map(([name, label]) => {
		const from = sum;
		sum += parts[name];
		return { name, label, value: parts[name], from, to: sum };
	});
	return [...steps, { name: 'total', label: 'Total', value: parts.total, from: 0, to: parts.total }];
}
