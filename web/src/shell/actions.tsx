/**
 * Everything that changes something asks here first: what will happen, why (for the record), and, where it cannot be
 * undone by a click, a phrase to type. The result is told in the engine's own sentence.
 */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ActionName, ActionParams, ActionResult, Phrases } from '../../../src/api/types.ts';
import { money, price } from '../format.ts';
import { Button, Field } from '../parts/controls.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { act } from '../store/door.ts';
import { tell } from './notices.tsx';

/** The API's own phrases: their types are their texts, so a phrase that changes there breaks the build here. */
const PHRASE: Phrases = { rearm: 'I know why it stopped', raise: 'I want to risk more' };
export const RAISE_PHRASE = PHRASE.raise;

type Asked = 'pause' | 'resume' | 'cancel-all' | 'reduce-only' | 'flatten' | 'kill' | 'rearm';

export interface Question {
	readonly action: Asked;
	/** All symbols unless given. */
	readonly symbol?: string;
}

interface Manner {
	readonly title: string;
	readonly what: string;
	readonly button: string;
	readonly isDanger?: boolean;
	readonly needsReason?: boolean;
	readonly phrase?: string;
	/** Kill and cancel-all are quick: the button that opens is the only one between. */
	readonly previews?: boolean;
}

const MANNERS: Record<Asked, Manner> = {
	pause: {
		title: 'Pause quoting',
		what: 'Cancels the quotes and places no new ones until somebody resumes.',
		button: 'Pause',
		needsReason: true,
	},
	resume: {
		title: 'Resume quoting',
		what: 'Takes back the pause that a person asked for. Other reasons to stand still stay.',
		button: 'Resume',
	},
	'cancel-all': {
		title: 'Cancel all orders',
		what: 'Cancels every open order. The strategies go on and will quote again.',
		button: 'Cancel all orders',
	},
	'reduce-only': {
		title: 'Reduce only',
		what: 'From now on positions may only shrink. Only re-arming takes it back.',
		button: 'Reduce only',
		isDanger: true,
		needsReason: true,
	},
	flatten: {
		title: 'Flatten',
		what: 'Closes what is held, slice by slice, at what the book gives.',
		button: 'Flatten',
		isDanger: true,
		needsReason: true,
		previews: true,
	},
	kill: {
		title: 'Kill',
		what: 'Cancels everything at every venue and places nothing more, over restarts too, until somebody re-arms. What is held stays held.',
		button: 'Kill now',
		isDanger: true,
		needsReason: true,
	},
	rearm: {
		title: 'Re-arm',
		what: 'Allows orders again. Look first why it stopped.',
		button: 'Re-arm',
		isDanger: true,
		phrase: PHRASE.rearm,
	},
};

const asked = signal<Question | undefined>(undefined);

/** Opens the question; what follows is between the person and the engine. */
export function ask(question: Question): void {
	asked.value = question;
}

/** Does it and tells the result. */
export async function actAndTell<Name extends ActionName>(name: Name, params: ActionParams<Name>): Promise<ActionResult> {
	const result = await act(name, params);
	tell(result.sentence, result.kind === 'done' ? 'good' : 'bad');
	return result;
}

export function ActionDialogs(): JSX.Element | null {
	const question = asked.value;
	return question === undefined ? null : <ActionDialog key={`${question.action} ${question.symbol}`} question={question} />;
}

function close(): void {
	asked.value = undefined;
}

function ActionDialog({ question }: { readonly question: Question }): JSX.Element {
	const manner = MANNERS[question.action];
	const [reason, setReason] = useState('');
	const [phrase, setPhrase] = useState('');
	const [isBusy, setBusy] = useState(false);
	const isReady = !isBusy && (manner.phrase === undefined || phrase === manner.phrase);
	const go = async (): Promise<void> => {
		setBusy(true);
		await actAndTell(question.action, paramsOf(question, reason, phrase));
		close();
	};
	return (
		<Dialog
			title={`${manner.title}: ${question.symbol ?? 'everything'}`}
			tone={manner.isDanger === true ? 'danger' : 'plain'}
			onClose={close}
		>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					if (isReady) void go();
				}}
			>
				<p>{manner.what}</p>
				{manner.previews === true ? (
					<ClosingPreview {...(question.symbol === undefined ? {} : { symbol: question.symbol })} />
				) : null}
				{manner.needsReason === true ? (
					<Field label="Reason, for the record" value={reason} onInput={setReason} hint="May stay empty." />
				) : null}
				{manner.phrase === undefined ? null : (
					<Field label={`Type: ${manner.phrase}`} value={phrase} onInput={setPhrase} autoFocus />
				)}
				<div class="dialog-actions">
					<Button onClick={close}>Leave it</Button>
					<button type="submit" class={`button ${manner.isDanger === true ? 'danger' : 'primary'}`} disabled={!isReady}>
						{manner.button}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

const NO_REASON = 'asked for on the dashboard';

/** The same reason for each action that takes one; the others refuse what they do not know. */
function paramsOf({ action, symbol }: Question, reason: string, phrase: string): ActionParams<Asked> {
	const scope = symbol === undefined ? {} : { symbol };
	const said = { reason: reason.trim() === '' ? NO_REASON : reason.trim() };
	switch (action) {
		case 'pause':
		case 'flatten':
			return { ...scope, ...said };
		case 'resume':
		case 'cancel-all':
			return scope;
		case 'reduce-only':
		case 'kill':
			return said;
		case 'rearm':
			return { phrase };
	}
}

/** What flatten would close at the book as it is. */
export function ClosingPreview({ symbol }: { readonly symbol?: string }): JSX.Element {
	const [result, setResult] = useState<ActionResult | undefined>(undefined);
	const look = async (): Promise<void> => setResult(await act('flatten-preview', symbol === undefined ? {} : { symbol }));
	if (result === undefined) return <Button onClick={() => void look()}>What would it close?</Button>;
	if (result.kind === 'refused') return <p class="tone-bad">{result.sentence}</p>;
	const closing = result.closing ?? [];
	if (closing.length === 0) return <p>Nothing is held: there is nothing to close.</p>;
	return (
		<div class="table-scroll" role="group" aria-label="What flatten would close" tabIndex={0}>
			<table>
				<thead>
					<tr>
						<th scope="col">Symbol</th>
						<th scope="col">Side</th>
						<th scope="col" class="cell-figure">
							Quantity
						</th>
						<th scope="col" class="cell-figure">
							About
						</th>
						<th scope="col" class="cell-figure">
							Worth
						</th>
						<th scope="col" class="cell-figure">
							Cost
						</th>
					</tr>
				</thead>
				<tbody>
					{closing.map((row) => (
						<tr key={row.symbol}>
							<td>{row.symbol}</td>
							<td class={row.side === 'buy' ? 'tone-buy' : 'tone-sell'}>{row.side}</td>
							<td class="cell-figure">{row.qty}</td>
							<td class="cell-figure">{price(row.price)}</td>
							<td class="cell-figure">{money(row.worth)}</td>
							<td class="cell-figure">{money(row.cost)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
