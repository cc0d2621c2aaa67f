/** Asks for the new value of a setting, and for the phrase where the engine says that it would risk more. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ActionResult } from '../../../src/api/types.ts';
import { Button, Field } from '../parts/controls.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { editedValue, shownValue, typedValue } from '../parts/settings.ts';
import { act } from '../store/door.ts';
import { RAISE_PHRASE } from './actions.tsx';
import { tell } from './notices.tsx';

export interface Change {
	readonly path: string;
	readonly now: unknown;
	/** Laid over the file by somebody, and so can be taken back. */
	readonly isPatched: boolean;
	/** Whose parameter it is, where it is one. */
	readonly strategy?: string;
}

export interface ChangeDialogProps {
	readonly change: Change;
	readonly hasFile: boolean;
	readonly onClose: () => void;
}

export function ChangeDialog({ change, hasFile, onClose }: ChangeDialogProps): JSX.Element {
	const [text, setText] = useState(editedValue(change.now));
	const [phrase, setPhrase] = useState('');
	const [isSaved, setSaved] = useState(false);
	const [refusal, setRefusal] = useState<string | undefined>(undefined);
	const [isBusy, setBusy] = useState(false);
	const typed = typedValue(text, change.now);
	const go = async (value: unknown): Promise<void> => {
		setBusy(true);
		const result = await send(change, value, { phrase, save: isSaved && value !== null });
		setBusy(false);
		if (result.kind === 'refused') return setRefusal(result.sentence);
		tell(result.sentence, 'good');
		onClose();
	};
	return (
		<Dialog title={`Change ${change.path}`} onClose={onClose}>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					if (typed !== undefined) void go(typed.value);
				}}
			>
				<p>It is {shownValue(change.now)} now. A new value holds from the next tick, and over restarts.</p>
				<Field
					label="New value"
					value={text}
					onInput={setText}
					autoFocus
					hint={typed === undefined ? 'That is not the kind of value that stands there now.' : undefined}
				/>
				{hasFile ? (
					<label class="check">
						<input type="checkbox" checked={isSaved} onChange={({ currentTarget }) => setSaved(currentTarget.checked)} />
						Write it into the file as well
					</label>
				) : null}
				{refusal === undefined ? null : (
					<p class="tone-bad" role="alert">
						{refusal}
					</p>
				)}
				{change.strategy === undefined && refusal?.includes(RAISE_PHRASE) === true ? (
					<Field label={`Type: ${RAISE_PHRASE}`} value={phrase} onInput={setPhrase} />
				) : null}
				<div class="dialog-actions">
					{change.isPatched ? <Button onClick={() => void go(null)}>Back to what the file says</Button> : null}
					<Button onClick={onClose}>Leave it</Button>
					<button type="submit" class="button primary" disabled={isBusy || typed === undefined}>
						Change it
					</button>
				</div>
			</form>
		</Dialog>
	);
}

function send(change: Change, value: unknown, { phrase, save }: { phrase: string; save: boolean }): Promise<ActionResult> {
	const set = { [change.path]: value };
	if (change.strategy !== undefined) return act('strategy-params', { strategy: change.strategy, set, save });
	return act('patch-config', { set, save, ...(phrase === '' ? {} : { phrase }) });
}
