/** What became of what was asked for, in a sentence, at the foot of the page until it is read. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';

interface Notice {
	readonly id: number;
	readonly sentence: string;
	readonly tone: 'good' | 'bad';
}

const NOTICES_MAX = 4;
const SHOWN_MS = 8_000;

const notices = signal<readonly Notice[]>([]);
let noticeCount = 0;

/** A refusal stays until it is put away. */
export function tell(sentence: string, tone: 'good' | 'bad'): void {
	const id = ++noticeCount;
	notices.value = [...notices.value, { id, sentence, tone }].slice(-NOTICES_MAX);
	if (tone === 'good') setTimeout(() => putAway(id), SHOWN_MS);
}

export function Notices(): JSX.Element {
	return (
		<div class="notices" role="log" aria-label="Results" aria-live="polite">
			{notices.value.map(({ id, sentence, tone }) => (
				<p key={id} class={`notice tone-${tone}`}>
					<span>{sentence}</span>
					<button type="button" class="icon-button" aria-label="Put away" onClick={() => putAway(id)}>
						×
					</button>
				</p>
			))}
		</div>
	);
}

function putAway(id: number): void {
	notices.value = notices.value.filter((notice) => notice.id !== id);
}
