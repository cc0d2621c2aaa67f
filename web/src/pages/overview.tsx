/** The whole at a glance: is it well, what does it earn, what does it cost, and is anything standing still. */
import type { JSX } from 'preact';
import type { QueryAnswer } from '../../../src/api/types.ts';
import { age, amount, count, counted, fixed, money, ms, percent, price, signedMoney } from '../format.ts';
import { Bar, Figure, Figures, Live, Pill } from '../parts/figure.tsx';
import { Empty, Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { type Tone, toneOfSign } from '../parts/tone.ts';
import { linkTo } from '../router.ts';
import { useTopic, useTopicError } from '../store/live.ts';

type Overview = QueryAnswer<'overview'>;
type Row = QueryAnswer<'symbols'>['symbols'][number];

export function OverviewPage(): JSX.Element {
	const overview = useTopic('overview', {});
	const trouble = useTopicError('overview', {});
	const symbols = useTopic('symbols', {});
	const now = (): Overview | undefined => overview.value;
	return (
		<Page title="Overview" trouble={trouble}>
			<Grid>
				<Panel title="Result" span={8} note={<Live text={() => `since ${age(runMs(now()))}`} />}>
					<Figures roomy>
						<Figure
							large
							label="Profit and loss"
							value={() => signedMoney(now()?.profit.total)}
							tone={() => toneOfSign(now()?.profit.total)}
							hint={() =>
								`${now()?.profit.currency ?? ''}${now()?.profit.isComplete === false ? ', a mark or rate is missing' : ''}`
							}
						/>
						<Figure
							large
							label="Equity"
							value={() => money(now()?.equity)}
							hint={() => `${money(now()?.drawdown)} below its best`}
						/>
						<Figure
							label="Held, long and short"
							value={() => money(now()?.grossExposure)}
							hint={() => `net ${signedMoney(now()?.netExposure)}`}
						/>
						<Figure label="Fills" value={() => count(now()?.fills)} />
						<Figure
							label="Open orders"
							value={() => count(now()?.openOrders)}
							hint={() => unknownOrders(now())}
							tone={() => ((now()?.unknownOrders ?? 0) > 0 ? 'warn' : undefined)}
						/>
					</Figures>
				</Panel>
				<Panel title="Where it comes from" span={4}>
					<ProfitSums profit={() => now()?.profit} />
				</Panel>
				<Panel title="Ticks and calls" span={6}>
					<Figures>
						<Figure label="Tick p50" value={() => ms(now()?.tick.p50)} hint={() => `${count(now()?.tick.count)} ticks`} />
						<Figure label="p95" value={() => ms(now()?.tick.p95)} hint={() => `p99 ${ms(now()?.tick.p99)}`} />
						<Figure
							label="Overruns"
							value={() => count(now()?.tick.overruns)}
							tone={() => ((now()?.tick.overruns ?? 0) > 0 ? 'warn' : undefined)}
						/>
						<Figure
							label="Calls saved"
							value={() => percent(savedShare(now()))}
							hint={() => `${count(now()?.commands.calls)} made`}
						/>
						<Figure
							label="Commands"
							value={() => count(now()?.commands.after)}
							hint={() => `of ${count(now()?.commands.before)} wished`}
						/>
					</Figures>
				</Panel>
				<Panel title="Process" span={6} note={<Live text={() => runText(now())} />}>
					<Figures>
						<Figure
							label="Event loop, p99"
							value={() => ms(now()?.process.loopDelayP99Ms)}
							tone={() => ((now()?.process.loopDelayP99Ms ?? 0) > 50 ? 'warn' : undefined)}
						/>
						<Figure label="Journal" value={() => ms(now()?.process.journalDelayMs)} hint={() => 'longest wait'} />
						<Figure label="Heap" value={() => `${fixed(now()?.process.heapMb, 0)} MB`} />
						<Figure
							label="Lost besides"
							value={() => count(now()?.process.lostBesides)}
							hint={() => 'points for databases'}
							tone={() => ((now()?.process.lostBesides ?? 0) > 0 ? 'warn' : undefined)}
						/>
					</Figures>
				</Panel>
				<Panel title="Symbols" span={8} flush>
					<LiveTable
						label="Symbols"
						columns={COLUMNS}
						rows={() => symbols.value?.symbols}
						rowKey={({ id }) => id}
						empty="No symbol is configured."
					/>
				</Panel>
				<Panel title="Venues" span={4}>
					<Venues venues={() => now()?.venues} />
				</Panel>
			</Grid>
		</Page>
	);
}

/** Adds up twice: by what earned it, and by what is booked. */
function ProfitSums({ profit }: { readonly profit: () => Overview['profit'] | undefined }): JSX.Element {
	const line = (title: string, key: 'spread' | 'inventory' | 'fees' | 'funding' | 'total', isSum = false): JSX.Element => (
		<>
			<dt class={isSum ? 'sum' : ''}>{title}</dt>
			<dd class={isSum ? 'sum' : ''}>
				<Live text={() => signedMoney(profit()?.[key])} tone={() => toneOfSign(profit()?.[key])} />
			</dd>
		</>
	);
	return (
		<dl class="sums">
			{line('Spread that fills earned', 'spread')}
			{line('Price of what was held', 'inventory')}
			{line('Fees', 'fees')}
			{line('Funding', 'funding')}
			{line('Together', 'total', true)}
		</dl>
	);
}

function Venues({ venues }: { readonly venues: () => Overview['venues'] | undefined }): JSX.Element {
	const names = venues()?.map(({ name }) => name) ?? [];
	if (names.length === 0) return <Empty>No venue yet.</Empty>;
	return (
		<>
			{names.map((name) => (
				<VenueBox key={name} name={name} venue={() => venues()?.find((venue) => venue.name === name)} />
			))}
		</>
	);
}

function VenueBox({
	name,
	venue,
}: {
	readonly name: string;
	readonly venue: () => Overview['venues'][number] | undefined;
}): JSX.Element {
	const now = venue();
	return (
		<section class="venue" aria-label={name}>
			<div class="venue-head">
				<h3>
					{name} · {now?.environment}
				</h3>
				<Pill tone={now?.isReady === true ? 'good' : 'bad'}>{now?.isReady === true ? 'ready' : 'not ready'}</Pill>
			</div>
			<div class="pills">
				{now?.streams.map((stream) => (
					<Pill key={stream.name} tone={stream.isUp ? 'good' : 'bad'}>
						{stream.name} {stream.isUp ? 'up' : 'down'}
					</Pill>
				))}
			</div>
			<p class="faint">Left of its limits</p>
			<div class="meters two">
				{now?.budget.map(({ name: of }) => {
					const left = (): number => venue()?.budget.find((each) => each.name === of)?.left ?? 0;
					return (
						<div key={of}>
							<div class="meter-line">
								<span>{of}</span>
								<Live text={() => percent(left(), 0)} />
							</div>
							<Bar share={left} tone={() => (left() < 0.1 ? 'bad' : left() < 0.3 ? 'warn' : undefined)} />
						</div>
					);
				})}
			</div>
			<p class="faint">
				<Live text={() => venueLine(venue())} />
			</p>
		</section>
	);
}

function venueLine(venue: Overview['venues'][number] | undefined): string {
	if (venue === undefined) return '';
	const { pool, restErrors, reconnects } = venue;
	return [
		`${counted(pool.open, 'connection')}${pool.waiting === 0 ? '' : `, ${counted(pool.waiting, 'call')} waiting`}`,
		clockText(venue.clockOffsetMs),
		restErrors === 0 ? 'no failed call' : counted(restErrors, 'failed call'),
		counted(reconnects, 'reconnect'),
	].join(' · ');
}

/** Below this nobody need know. */
const IN_STEP_MS = 1;

function clockText(offsetMs: number | null): string {
	if (offsetMs === null) return 'clock not known';
	if (Math.abs(offsetMs) < IN_STEP_MS) return 'clock in step';
	return `clock ${ms(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}

const COLUMNS: readonly Column<Row>[] = [
	{ head: 'Symbol', cell: ({ name }) => name, link: ({ name }) => linkTo('symbol', name), title: ({ id }) => id },
	{ head: 'Venue', cell: ({ venue }) => venue, wide: true },
	{ head: 'Mid', cell: ({ mid }) => price(mid), kind: 'figure' },
	{
		head: 'Spread',
		cell: ({ spreadBps }) => (spreadBps === null ? '–' : `${fixed(spreadBps, 2)} bp`),
		kind: 'figure',
		wide: true,
	},
	{
		head: 'Position',
		cell: ({ position }) => amount(position),
		tone: ({ position }) => (Number(position) > 0 ? 'buy' : Number(position) < 0 ? 'sell' : undefined),
		kind: 'figure',
	},
	{ head: 'PnL', cell: ({ profit }) => signedMoney(profit), tone: ({ profit }) => toneOfSign(profit), kind: 'figure' },
	{ head: 'Uptime', cell: ({ uptime }) => percent(uptime), kind: 'figure', wide: true },
	{ head: 'Quotes', cell: quotesWord, tone: quotesTone, title: ({ buy, sell }) => `Buy: ${buy.why}. Sell: ${sell.why}.` },
];

function quotesWord({ buy, sell }: Row): string {
	if (buy.isQuoting && sell.isQuoting) return 'both sides';
	if (buy.isQuoting) return 'buys only';
	return sell.isQuoting ? 'sells only' : 'none';
}

function quotesTone({ buy, sell }: Row): Tone {
	if (buy.isQuoting && sell.isQuoting) return 'good';
	return buy.isQuoting || sell.isQuoting ? 'warn' : 'bad';
}

function runMs(overview: Overview | undefined): number | undefined {
	return overview === undefined || overview.atMs === null ? undefined : overview.atMs - overview.run.startedAtMs;
}

function runText(overview: Overview | undefined): string {
	return overview === undefined
		? ''
		: `run ${overview.run.id} · version ${overview.run.version} · settings ${overview.run.settings}`;
}

function unknownOrders(overview: Overview | undefined): string {
	const unknown = overview?.unknownOrders ?? 0;
	return unknown === 0 ? 'all with a known fate' : `${count(unknown)} whose fate is not known`;
}

function savedShare(overview: Overview | undefined): number | undefined {
	if (overview === undefined) return undefined;
	const { saved, calls } = overview.commands;
	return saved + calls === 0 ? undefined : saved / (saved + calls);
}
