/** The control room: why anything stands still, how near each limit is, and everything that can be done about it. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { QueryAnswer } from '../../../src/api/types.ts';
import { age, count, fixed, moment, ms, NOTHING, percent } from '../format.ts';
import { Button, Select } from '../parts/controls.tsx';
import { Bar, Live, Pill } from '../parts/figure.tsx';
import { Empty, Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import type { Tone } from '../parts/tone.ts';
import { linkTo } from '../router.ts';
import { actAndTell, ask, ClosingPreview } from '../shell/actions.tsx';
import { useTopic, useTopicError } from '../store/live.ts';
import { mayDo, session } from '../store/session.ts';

type Risk = QueryAnswer<'risk'>;
type Limit = Risk['limits'][number];
type Alert = QueryAnswer<'alerts'>['alerts'][number];

export function ControlPage(): JSX.Element {
	const risk = useTopic('risk', {});
	const trouble = useTopicError('risk', {});
	const now = (): Risk | undefined => risk.value;
	return (
		<Page title="Control room" trouble={trouble}>
			<Grid>
				<Panel title="Do" span={7}>
					<Actions risk={now} />
				</Panel>
				<Panel title="Why it stands still" span={5}>
					<Reasons risk={now} />
				</Panel>
				<Panel title="Kill ladder" span={7} note="each step stops more than the one above it">
					<Ladder risk={now} />
				</Panel>
				<Panel title="Limits" span={5}>
					<Limits risk={now} />
				</Panel>
				<Panel title="Alerts" span={7} flush>
					<Alerts />
				</Panel>
				<Panel title="Freshness" span={5} note="age of what quoting rests on">
					<Freshness risk={now} />
				</Panel>
				<Panel title="Refused before sending" flush note="by the gate that every order passes">
					<LiveTable
						label="Refusals"
						columns={DENIALS}
						rows={() => now()?.denials}
						rowKey={({ code }) => code}
						empty="The gate has refused nothing since the start."
					/>
				</Panel>
			</Grid>
		</Page>
	);
}

function Actions({ risk }: { readonly risk: () => Risk | undefined }): JSX.Element {
	const [symbol, setSymbol] = useState('');
	const names = useComputed(
		() =>
			risk()
				?.symbols.map(({ name }) => name)
				.join('\n') ?? '',
	).value;
	const level = useComputed(() => risk()?.level).value;
	if (!mayDo('operator')) {
		const role = session.value.kind === 'in' ? session.value.role : 'viewer';
		return <Empty>Your role is {role}: it may look. The operator's token may pause, cancel, flatten and kill.</Empty>;
	}
	const scope = symbol === '' ? {} : { symbol };
	return (
		<div class="stack">
			<Select
				label="On"
				value={symbol}
				options={[
					{ value: '', text: 'every symbol' },
					...names
						.split('\n')
						.filter(Boolean)
						.map((name) => ({ value: name, text: name })),
				]}
				onChange={setSymbol}
			/>
			<div class="row-actions">
				<Button onClick={() => ask({ action: 'pause', ...scope })}>Pause</Button>
				<Button onClick={() => ask({ action: 'resume', ...scope })}>Resume</Button>
				<Button onClick={() => ask({ action: 'cancel-all', ...scope })}>Cancel all</Button>
				<Button tone="danger" onClick={() => ask({ action: 'flatten', ...scope })}>
					Flatten
				</Button>
			</div>
			<div class="row-actions">
				<Button tone="danger" onClick={() => ask({ action: 'reduce-only' })}>
					Reduce only
				</Button>
				<Button tone="danger" onClick={() => ask({ action: 'kill' })}>
					Kill everything
				</Button>
				{level === 'kill' || level === 'reduceOnly' ? (
					<Button
						tone="primary"
						onClick={() => ask({ action: 'rearm' })}
						disabled={!mayDo('admin')}
						title="Needs the admin's token"
					>
						Re-arm
					</Button>
				) : null}
			</div>
			<div class="row-actions">
				<Button onClick={() => void actAndTell('compare', {})}>Compare with the venues</Button>
				<Button onClick={() => void actAndTell('test-alert', {})}>Send a test alert</Button>
			</div>
			<ClosingPreview key={symbol} {...scope} />
		</div>
	);
}

/** Most of these change seldom: drawn anew as a whole, but only when their text differs. */
function useSteady<Value>(value: () => Value): Value {
	const text = useComputed(() => JSON.stringify({ value: value() }));
	return (JSON.parse(text.value) as { value: Value }).value;
}

function Reasons({ risk }: { readonly risk: () => Risk | undefined }): JSX.Element {
	const { level, reason, pauses, symbols } = useSteady(() => {
		const now = risk();
		return {
			level: now?.level ?? 'run',
			reason: now?.reason ?? null,
			pauses: now?.pauses ?? [],
			symbols: now?.symbols.filter(({ holds }) => holds.length > 0) ?? [],
		};
	});
	if (level === 'run' && pauses.length === 0 && symbols.length === 0) return <Empty>Nothing stands still.</Empty>;
	return (
		<ul class="reasons">
			{(level !== 'kill' && level !== 'reduceOnly') || reason === null ? null : (
				<li>
					<Pill tone="bad">{level === 'kill' ? 'killed' : 'reduce only'}</Pill> {reason}
					<Lifting byItself={false} />
				</li>
			)}
			{pauses.map((hold) => (
				<li key={hold.cause}>
					<Pill tone="warn">everything</Pill> {hold.reason}
					<Lifting byItself={hold.liftsByItself} />
				</li>
			))}
			{symbols.flatMap(({ id, name, holds }) =>
				holds.map((hold) => (
					<li key={`${id} ${hold.cause}`}>
						<a href={linkTo('symbol', name)}>{name}</a> {hold.reason}
						<Lifting byItself={hold.liftsByItself} />
					</li>
				)),
			)}
		</ul>
	);
}

function Lifting({ byItself }: { readonly byItself: boolean }): JSX.Element {
	return <div class="faint">{byItself ? 'Goes on by itself when the cause is gone.' : 'Only a person takes it back.'}</div>;
}

function Ladder({ risk }: { readonly risk: () => Risk | undefined }): JSX.Element {
	const { ladder, sentinel } = useSteady(() => ({ ladder: risk()?.ladder ?? [], sentinel: risk()?.sentinel }));
	return (
		<>
			<ol class="ladder">
				{ladder.map(({ code, name, sentence, isOn, reachable }) => (
					<li key={code} class={isOn ? `rung on tone-${rungTone(code)}` : 'rung'} aria-current={isOn ? 'step' : undefined}>
						<span class="rung-code">{code}</span>
						<span class="rung-name">{name}</span>
						<span class="rung-what">{sentence}</span>
						{isOn ? <Pill tone={rungTone(code)}>now</Pill> : reachable ? <span /> : <Pill>not set up</Pill>}
					</li>
				))}
			</ol>
			<p class="faint">{sentinelText(sentinel)}</p>
		</>
	);
}

function rungTone(code: string): Tone {
	if (code === 'KL0') return 'good';
	return code === 'KL1' || code === 'KL2' || code === 'KL3' ? 'warn' : 'bad';
}

function sentinelText(sentinel: Risk['sentinel'] | undefined): string {
	if (sentinel === undefined) return '';
	if (sentinel.isWatching) return 'The watchdog process is watching this engine.';
	return sentinel.isNeeded
		? 'A watchdog process is wanted by the settings, and none is watching.'
		: 'No watchdog process is watching; none is asked for.';
}

function Freshness({ risk }: { readonly risk: () => Risk | undefined }): JSX.Element {
	const rows = useSteady(() => risk()?.freshness.map(({ name, isFresh }) => ({ name, isFresh })) ?? []);
	if (rows.length === 0) return <Empty>Nothing is watched yet.</Empty>;
	return (
		<div class="pills">
			{rows.map(({ name, isFresh }) => (
				<Pill key={name} tone={isFresh ? 'good' : 'bad'}>
					{name} <Live text={() => ageOf(risk()?.freshness.find((each) => each.name === name))} />
				</Pill>
			))}
		</div>
	);
}

function ageOf(row: Risk['freshness'][number] | undefined): string {
	if (row === undefined) return '';
	if (row.ageMs === null) return 'never';
	return row.isFresh ? ms(row.ageMs) : `${ms(row.ageMs)}, ${ms(row.maxMs)} allowed`;
}

function Limits({ risk }: { readonly risk: () => Risk | undefined }): JSX.Element {
	const limits = useSteady(() => risk()?.limits.map(({ key, sentence, limit, unit }) => ({ key, sentence, limit, unit })) ?? []);
	if (limits.length === 0) return <Empty>No limit is set.</Empty>;
	return (
		<div class="meters">
			{limits.map(({ key, sentence, limit, unit }) => {
				const now = (): Limit | undefined => risk()?.limits.find((each) => each.key === key);
				const share = (): number => shareOf(now());
				return (
					<div key={key}>
						<div class="meter-line" title={key}>
							<span>{sentence}</span>
							<Live
								text={() => usedText(now(), limit, unit)}
								tone={() => (share() >= 0.8 ? (share() >= 1 ? 'bad' : 'warn') : undefined)}
							/>
						</div>
						<Bar share={share} tone={() => (share() >= 1 ? 'bad' : share() >= 0.8 ? 'warn' : undefined)} />
					</div>
				);
			})}
		</div>
	);
}

function usedText(now: Limit | undefined, limit: number, unit: string): string {
	const used = now?.used ?? null;
	if (used === null) return `at most ${figure(limit)} ${unit}`;
	return `${figure(used)} of ${figure(limit)} ${unit} · ${percent(used / limit, 0)}`;
}

function shareOf(limit: Limit | undefined): number {
	if (limit === undefined || limit.used === null || limit.limit === 0) return 0;
	return limit.used / limit.limit;
}

function figure(value: number | null | undefined): string {
	if (value === null || value === undefined) return NOTHING;
	return fixed(value, Number.isInteger(value) ? 0 : 2);
}

const ALERTS_SHOWN = 50;

function Alerts(): JSX.Element {
	const alerts = useTopic('alerts', { limit: ALERTS_SHOWN });
	const rows = useSteady(() => alerts.value?.alerts);
	const nowMs = useComputed(() => alerts.value?.atMs ?? 0);
	if (rows === undefined) return <Empty>…</Empty>;
	if (rows.length === 0) return <Empty>Nothing has been wrong since the start.</Empty>;
	return (
		<ul class="alert-list">
			{rows.map((alert) => (
				<li key={alert.id} class={alert.endedMs === null ? '' : 'over'}>
					<span>
						<Pill tone={alertTone(alert)}>{alert.endedMs === null ? alert.severity : 'over'}</Pill>
					</span>
					<span>
						{alert.sentence}
						<span class="faint">
							{' '}
							{alert.code}
							{alert.count > 1 ? ` · ${count(alert.count)} times` : ''}
							{alert.sent.map(({ sink, result }) => ` · ${sink}: ${result}`)}
						</span>
					</span>
					<span class="faint alert-when">
						<Live text={() => alertWhen(alert, nowMs.value)} />
					</span>
				</li>
			))}
		</ul>
	);
}

function alertTone({ endedMs, severity }: Alert): Tone | undefined {
	if (endedMs !== null) return undefined;
	return severity === 'critical' ? 'bad' : severity === 'warning' ? 'warn' : 'accent';
}

function alertWhen({ sinceMs, endedMs }: Alert, nowMs: number): string {
	return endedMs === null ? `for ${age(nowMs - sinceMs)}` : `${moment(sinceMs, nowMs)}, ${age(endedMs - sinceMs)}`;
}

const DENIALS: readonly Column<Risk['denials'][number]>[] = [
	{ head: 'Rule', cell: ({ code }) => code },
	{ head: 'What it guards', cell: ({ sentence }) => sentence, kind: 'sentence' },
	{ head: 'Refused', cell: ({ count: times }) => count(times), kind: 'figure' },
];
