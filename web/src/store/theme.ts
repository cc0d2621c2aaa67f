/** Dark or light: what the system prefers, until a person has chosen here. */
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';

export type Theme = 'dark' | 'light';

const STORED_AS = 'evenkeel-theme';
const preference = window.matchMedia('(prefers-color-scheme: light)');
const preferred = signal<Theme>(preference.matches ? 'light' : 'dark');
preference.addEventListener('change', ({ matches }) => {
	preferred.value = matches ? 'light' : 'dark';
});
const chosen = signal<Theme | undefined>(stored());

export const theme: ReadonlySignal<Theme> = computed(() => chosen.value ?? preferred.value);

export function switchTheme(): void {
	chosen.value = theme.value === 'dark' ? 'light' : 'dark';
	localStorage.setItem(STORED_AS, chosen.value);
}

effect(() => {
	document.documentElement.dataset['theme'] = theme.value;
});

function stored(): Theme | undefined {
	const found = localStorage.getItem(STORED_AS);
	return found === 'dark' || found === 'light' ? found : undefined;
}
