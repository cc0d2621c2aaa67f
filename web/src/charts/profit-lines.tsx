/** Profit and its parts over time. */
import type { JSX } from 'preact';
import type { HistoryView } from '../../../src/api/types.ts';
import { signedMoney } from '../format.ts';
import { lastOf } from './history.ts';
import type { ProfitParts } from './profit-split.ts';
import { SeriesChart } from './series-chart.tsx';
import type { Slice } from './span.ts';

export function ProfitLines({ slice, together }: { readonly slice: Slice; readonly together?: string }): JSX.Element {
	const total = slice.of('profit');
	return (
		<SeriesChart
			axis={{ kind: 'time' }}
			x={slice.atMs}
			height={240}
			{...(together === undefined ? {} : { together })}
			format={signedMoney}
			lines={[
				{ label: 'Spread', colour: 'spread', values: slice.of('spread') },
				{ label: 'Inventory', colour: 'inventory', values: slice.of('inventory') },
				{ label: 'Fees', colour: 'fees', values: slice.of('fees') },
				{ label: 'Funding', colour: 'funding', values: slice.of('funding') },
				{ label: 'Total', colour: 'total', values: total, width: 2.5 },
			]}
			summary={`The profit in all is ${signedMoney(lastOf(total))}.`}
		/>
	);
}

/** As they were last; nothing before the first is known. */
export function partsOf(history: HistoryView): ProfitParts | undefined {
	const [total, spread] = [lastOf(history.profit), lastOf(history.spread)];
	const [inventory, fees, funding] = [lastOf(history.inventory), lastOf(history.fees), lastOf(history.funding)];
	if (total === null || spread === null || inventory === null || fees === null || funding === null) return undefined;
	return { total, spread, inventory, fees, funding };
}
