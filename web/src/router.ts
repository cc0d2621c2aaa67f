/** Which page stands in the address: `#/<page>/<rest>`, so that reloading, going back and sending a link work. */
import { type ReadonlySignal, signal } from '@preact/signals';

export interface Place {
	readonly name: string;
	/** What follows the name, such as a symbol; empty where nothing does. */
	readonly rest: string;
}

export const HOME = 'overview';

export function placeOf(hash: string): Place {
	const [name = '', ...rest] = hash.replace(/^#?\/?/, '').split('/');
	return { name: name === '' ? HOME : name, rest: decoded(rest.join('/')) };
}

export function linkTo(name: string, rest = ''): string {
	return rest === '' ? `#/${name}` : `#/${name}/${encodeURIComponent(rest)}`;
}

const current = signal<Place>({ name: HOME, rest: '' });
export const place: ReadonlySignal<Place> = current;

/** To be called when the address no longer carries a login code. */
export function followAddress(): () => void {
	const follow = (): void => {
		current.value = placeOf(location.hash);
	};
	window.addEventListener('hashchange', follow);
	follow();
	return () => window.removeEventListener('hashchange', follow);
}

export function goTo(name: string, rest = ''): void {
	location.hash = linkTo(name, rest);
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text; // typed by hand, with a lone percent sign
	}
}
