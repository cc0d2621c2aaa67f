/** One symbol: its book with our quotes in it, what we think of it, what we hold, and what came of it. */
import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SymbolRow, SymbolView } from '../../../src/api/types.ts';
import { HeatLadder } from '../charts/heat-ladder.tsx';
import { SpanChoice } from '../charts/span-choice.tsx';
import { useHistory } from '../charts/use-history.ts';
import { age, amount, fixed, NOTHING, percent, price, signedMoney } from '../format.ts';
import { Figure, Figures, Live, Pill } from '../parts/figure.tsx';
import { Empty, Grid, Page, Panel } from '../parts/layout.tsx';
import { type Tone, toneOfSign } from '../parts/tone.ts';
import { goTo, linkTo } from '../router.ts';
import { read } from '../store/door.ts';
import { useTopic, useTopicError } from '../store/live.ts';
import { paramPairs } from './param-pairs.ts';
import { InventoryChart, PriceChart, ProfitChart, ProfitSteps, SkewChart } from './symbol-charts.tsx';
import { SymbolFills, SymbolMarkouts, SymbolOrders } from './symbol-tables.tsx';

const DEPTH = 50;

export function SymbolPage({ rest }: { readonly rest: string }): JSX.Element {
	// Another symbol is another page: nothing of the one before may stand in it.
	return rest === '' ? <NoSymbol /> : <OneSymbol key={rest} symbol={rest} />;
}

function NoSymbol(): JSX.Element {
	return (
		<Page title="Symbol" actions={<SymbolChoice chosen="" />}>
			<Empty>
				Choose a symbol above, or from <a href={linkTo('symbols')}>all symbols</a>.
			</Empty>
		</Page>
	);
}

function OneSymbol({ symbol }: { readonly symbol: string }): JSX.Element {
	const view = useTopic('symbol', { symbol, depth: DEPTH });
	const error = useTopicError('symbol', { symbol, depth: DEPTH });
	const history = useHistory({ symbol, depth: true });
	const minutes = useSignal(15);
	const row = useComputed(() => view.value?.row);
	const title = useComputed(() => row.value?.name ?? symbol);
	const quote = useComputed(() => row.value?.quote ?? '');
	const charts = { history, minutes, view };
	if (error.value !== undefined && view.value === undefined) {
		return (
			<Page title={symbol} actions={<SymbolChoice chosen={symbol} />}>
				<Empty>{error}</Empty>
			</Page>
		);
	}
	return (
		<Page title={title.value} actions={<SymbolChoice chosen={symbol} />}>
			<Grid>
				<Panel title="Now" span={8}>
					<KeyFigures row={row} />
				</Panel>
				<Panel title="Why it quotes or not" span={4}>
					<Why row={row} />
				</Panel>
				<Panel title="Book, and our quotes in it" span={12}>
					<HeatLadder view={view} history={history} />
				</Panel>
				<Panel title="Prices, quotes and fills" span={12} note={<SpanChoice minutes={minutes} />}>
					<PriceChart {...charts} />
				</Panel>
				<Panel title="Held, and how much may be" span={6}>
					<InventoryChart {...charts} />
				</Panel>
				<Panel title="Skew: quoted around, against the fair price" span={6}>
					<SkewChart {...charts} />
				</Panel>
				<Panel title="Profit by its parts" span={6} note={quote}>
					<ProfitSteps {...charts} />
				</Panel>
				<Panel title="Profit over time" span={6} note={quote}>
					<ProfitChart {...charts} />
				</Panel>
				<Panel title="Markouts" span={6}>
					<SymbolMarkouts symbol={symbol} row={row} />
				</Panel>
				<Panel title="Open orders" span={6} flush>
					<SymbolOrders symbol={symbol} />
				</Panel>
				<Panel title="Last fills" span={8} flush>
					<SymbolFills symbol={symbol} />
				</Panel>
				<Panel title="Strategy" span={4} note={<a href={linkTo('config')}>change</a>}>
					<Strategy view={view} />
				</Panel>
			</Grid>
		</Page>
	);
}

interface OfRow {
	readonly row: ReadonlySignal<SymbolRow | undefined>;
}

function KeyFigures({ row }: OfRow): JSX.Element {
	return (
		<Figures>
			<Figure label="Middle" value={() => price(row.value?.mid)} />
			<Figure label="Spread" value={() => fixed(row.value?.spreadBps, 2)} hint={() => 'bp'} />
			<Figure label="Fair" value={() => price(row.value?.fair)} />
			<Figure label="Quoted around" value={() => price(row.value?.reservation)} />
			<Figure label="Mark" value={() => price(row.value?.mark)} />
			<Figure
				label="Held"
				value={() => amount(row.value?.position)}
				hint={() => `${row.value?.base ?? ''}, ${signedMoney(row.value?.positionWorth)} ${row.value?.quote ?? ''}`}
			/>
			<Figure
				label="Profit"
				value={() => signedMoney(row.value?.profit)}
				hint={() => row.value?.quote ?? ''}
				tone={() => toneOfSign(row.value?.profit)}
			/>
			<Figure label="Both sides up" value={() => percent(row.value?.uptime)} />
			<Figure
				label="Book"
				value={() => (row.value?.isBookTrusted === false ? 'not trusted' : age(row.value?.bookAgeMs))}
				tone={() => (row.value?.isBookTrusted === false ? 'bad' : undefined)}
			/>
		</Figures>
	);
}

function Why({ row }: OfRow): JSX.Element {
	const warned = (side: 'buy' | 'sell') => (): Tone | undefined => (row.value?.[side].isQuoting === false ? 'warn' : undefined);
	return (
		<>
			<div class="reasons">
				<Pill tone="buy">Buying</Pill>
				<Live text={() => row.value?.buy.why ?? NOTHING} tone={warned('buy')} />
				<Pill tone="sell">Selling</Pill>
				<Live text={() => row.value?.sell.why ?? NOTHING} tone={warned('sell')} />
			</div>
			<Holds row={row} />
		</>
	);
}

function Holds({ row }: OfRow): JSX.Element | null {
	const holds = row.value?.holds ?? [];
	if (holds.length === 0) return null;
	return (
		<ul>
			{holds.map(({ cause, reason, liftsByItself }) => (
				<li key={cause}>
					{reason} {liftsByItself ? 'Ends by itself.' : 'Lasts until a person takes it back.'}
				</li>
			))}
		</ul>
	);
}

function Strategy({ view }: { readonly view: ReadonlySignal<SymbolView | undefined> }): JSX.Element {
	const strategy = useComputed(() => JSON.stringify(view.value?.strategy ?? null));
	const known = JSON.parse(strategy.value) as SymbolView['strategy'];
	if (known === null) return <Empty>No strategy quotes this symbol.</Empty>;
	return (
		<dl class="sums">
			<dt>Name</dt>
			<dd>{known.name}</dd>
			{paramPairs(known.params).map(([path, value]) => [<dt key={path}>{path}</dt>, <dd key={`${path} value`}>{value}</dd>])}
		</dl>
	);
}

function SymbolChoice({ chosen }: { readonly chosen: string }): JSX.Element {
	const symbols = useSignal<readonly { readonly id: string; readonly name: string }[]>([]);
	useEffect(() => {
		void read('symbols', {}).then((result) => {
			if (result.kind === 'answer') symbols.value = result.answer.symbols.map(({ id, name }) => ({ id, name }));
		});
	}, []);
	const known = symbols.value.find(({ id, name }) => id === chosen || name === chosen)?.id ?? '';
	return (
		<select aria-label="Symbol" value={known} onChange={({ currentTarget }) => goTo('symbol', currentTarget.value)}>
			{known === '' ? <option value="">Choose …</option> : null}
			{symbols.value.map(({ id, name }) => (
				<option key={id} value={id}>
					{name}
				</option>
			))}
		</select>
	);
}
