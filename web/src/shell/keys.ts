/** The keyboard: `g` and a letter for a page, `p` to pause, `?` for the list. Nothing that cannot be taken back has a key. */
import { signal } from '@preact/signals';
import { goTo } from '../router.ts';
import { ROUTES } from '../routes.ts';
import { mayDo } from '../store/session.ts';
import { switchTheme } from '../store/theme.ts';
import { ask } from './actions.tsx';

export const isHelpOpen = signal(false);

export interface Shortcut {
	readonly keys: string;
	readonly what: string;
}

/** For the list that `?` shows. */
export function shortcuts(): Shortcut[] {
	return [
		...ROUTES.flatMap(({ key, title }) => (key === undefined ? [] : [{ keys: `g ${key}`, what: title }])),
		{ keys: 'p', what: 'Pause all quoting (asks first)' },
		{ keys: 't', what: 'Dark or light' },
		{ keys: '?', what: 'This list' },
		{ keys: 'Esc', what: 'Close what is open' },
	];
}

const SECOND_KEY_WITHIN_MS = 1_200;

/** Gives back how to stop it. */
export function listenToKeys(): () => void {
	let afterG = 0;
	const onKey = (event: KeyboardEvent): void => {
		if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
		if (document.querySelector('dialog[open]') !== null) return;
		const isSecond = event.timeStamp - afterG < SECOND_KEY_WITHIN_MS;
		afterG = 0;
		if (isSecond) {
			const route = ROUTES.find(({ key }) => key === event.key);
			if (route !== undefined) goTo(route.name);
			return;
		}
		switch (event.key) {
			case 'g':
				afterG = event.timeStamp;
				break;
			case 'p':
				if (mayDo('operator')) ask({ action: 'pause' });
				break;
			case 't':
				switchTheme();
				break;
			case '?':
				isHelpOpen.value = true;
				break;
			default:
		}
	};
	document.addEventListener('keydown', onKey);
	return () => document.removeEventListener('keydown', onKey);
}

function isTyping(target: EventTarget | null): boolean {
	return target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable);
}
