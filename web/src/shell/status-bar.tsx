/** Always in sight: what the engine does, whether what is shown is fresh, what was earned, and the way to stop it. */
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { age, count, money, ms, signedMoney } from '../format.ts';
import { Button } from '../parts/controls.tsx';
import { Live } from '../parts/figure.tsx';
import { toneOfSign } from '../parts/tone.ts';
import { levelTone, levelWord } from '../parts/words.ts';
import { linkTo } from '../router.ts';
import { feedState, useTopic } from '../store/live.ts';
import { logOut, mayDo, session } from '../store/session.ts';
import { switchTheme, theme } from '../store/theme.ts';
import { ask } from './actions.tsx';
import { tell } from './notices.tsx';

export function StatusBar(): JSX.Element {
	const overview = useTopic('overview', {});
	const level = useComputed(() => levelWord(overview.value));
	const levelClass = useComputed(() => `level tone-${levelTone(overview.value)}`);
	return (
		<header class="bar-top">
			<a class="brand" href={linkTo('overview')} aria-label="Evenkeel, overview">
				<Mark />
				<span>Evenkeel</span>
			</a>
			<a class={levelClass} href={linkTo('control')} title="Control room">
				{level}
			</a>
			<dl class="bar-figures">
				<BarFigure
					label="PnL"
					text={() => `${signedMoney(overview.value?.profit.total)} ${overview.value?.profit.currency ?? ''}`}
					tone={() => toneOfSign(overview.value?.profit.total)}
				/>
				<BarFigure label="Equity" text={() => money(overview.value?.equity)} isWide />
				<BarFigure label="Open orders" text={() => count(overview.value?.openOrders)} isWide />
				<BarFigure
					label="Tick p50 / p95"
					text={() => `${ms(overview.value?.tick.p50)} / ${ms(overview.value?.tick.p95)}`}
					isWide
				/>
				<BarFigure label="Mode" text={() => overview.value?.run.mode ?? ''} isWide />
			</dl>
			<div class="bar-actions">
				<AlertBadge />
				<FeedDot />
				<button
					type="button"
					class="icon-button"
					onClick={switchTheme}
					aria-label={theme.value === 'dark' ? 'Light colours' : 'Dark colours'}
					title={theme.value === 'dark' ? 'Light colours' : 'Dark colours'}
				>
					<Icon path={theme.value === 'dark' ? SUN : MOON} />
				</button>
				<button type="button" class="icon-button wide-only" onClick={() => void leave()} aria-label="Log out" title="Log out">
					<Icon path={DOOR} />
				</button>
				{mayDo('operator') ? (
					<Button tone="danger" onClick={() => ask({ action: 'kill' })}>
						Kill
					</Button>
				) : (
					<span class="role">{session.value.kind === 'in' ? session.value.role : ''}</span>
				)}
			</div>
		</header>
	);
}

async function leave(): Promise<void> {
	const sentence = await logOut();
	if (sentence !== undefined) tell(sentence, 'bad');
}

interface BarFigureProps {
	readonly label: string;
	readonly text: () => string;
	readonly tone?: () => ReturnType<typeof toneOfSign>;
	readonly isWide?: boolean;
}

function BarFigure({ label, text, tone, isWide = false }: BarFigureProps): JSX.Element {
	return (
		<div class={isWide ? 'wide-only' : ''}>
			<dt>{label}</dt>
			<dd>{tone === undefined ? <Live text={text} /> : <Live text={text} tone={tone} />}</dd>
		</div>
	);
}

function AlertBadge(): JSX.Element | null {
	const overview = useTopic('overview', {});
	const alerts = useComputed(() => overview.value?.alerts ?? { critical: 0, warning: 0 });
	const { critical, warning } = alerts.value;
	if (critical + warning === 0) return null;
	const tone = critical > 0 ? 'bad' : 'warn';
	return (
		<a class={`alert-badge tone-${tone}`} href={linkTo('control')}>
			{count(critical + warning)} <span class="wide-only">{critical + warning === 1 ? 'alert' : 'alerts'}</span>
			<span class="unseen">, {critical} critical</span>
		</a>
	);
}

const WORDS = { connecting: 'connecting', live: 'live', silent: 'no answer', lost: 'not connected' } as const;

function FeedDot(): JSX.Element {
	const { kind } = feedState.value;
	return (
		<span class={`feed-dot ${kind}`} role="status" title={`Figures: ${WORDS[kind]}`}>
			<span class="wide-only">{WORDS[kind]}</span>
			<span class="unseen">Figures: {WORDS[kind]}</span>
		</span>
	);
}

/** Above a page whose figures are old. */
export function FeedNotice(): JSX.Element | null {
	const state = feedState.value;
	const nowMs = useSignal(Date.now());
	useEffect(() => {
		const timer = setInterval(() => {
			nowMs.value = Date.now();
		}, 1_000);
		return () => clearInterval(timer);
	}, []);
	if (state.kind !== 'silent' && state.kind !== 'lost') return null;
	const since = age(nowMs.value - state.sinceMs);
	return (
		<p class="notice-old" role="alert">
			{state.kind === 'lost'
				? `Not connected to the engine for ${since}; trying again. What stands below is old.`
				: `The engine has sent nothing for ${since}. What stands below is old.`}
		</p>
	);
}

const SUN =
	'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z M12 2.5v2 M12 19.5v2 M2.5 12h2 M19.5 12h2 M5.3 5.3l1.4 1.4 M17.3 17.3l1.4 1.4 M5.3 18.7l1.4-1.4 M17.3 6.7l1.4-1.4';
const MOON = 'M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5Z';
const DOOR = 'M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8 M10 12h11 M17.5 8.5 21 12l-3.5 3.5';

function Icon({ path }: { readonly path: string }): JSX.Element {
	return (
		<svg viewBox="0 0 24 24" aria-hidden="true">
			<path d={path} />
		</svg>
	);
}

/** A hull on an even keel. */
function Mark(): JSX.Element {
	return (
		<svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
			<path d="M3 12h18l-3.2 6.2a2 2 0 0 1-1.8 1.1H8a2 2 0 0 1-1.8-1.1Z" />
			<path class="mark-sail" d="M11 3v7.5H5.2Z M13 5.2v5.3h4.6Z" />
		</svg>
	);
}
