/** Figures as text. One way for each kind of figure, with a fixed number of places so that columns do not jump. */

/** Where there is no figure. */
export const NOTHING = '–';

type Maybe = number | null | undefined;

const GROUPED = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(
	(places) => new Intl.NumberFormat('en-GB', { minimumFractionDigits: places, maximumFractionDigits: places }),
);

/** With exactly so many places, 8 at most, and thousands set apart. A minus that is easy to see, none before a zero. */
export function fixed(value: Maybe, places: number): string {
	if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
	const text = (GROUPED[Math.min(Math.max(places, 0), 8)] ?? GROUPED[0])?.format(value) ?? NOTHING;
	return /^-[0.,]+$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

/** @param step the smallest step of this price; without one, as many places as a price of this size usually has. */
export function price(value: Maybe, step?: number): string {
	if (value === null || value === undefined) return NOTHING;
	return fixed(value, step === undefined ? usualPlaces(value) : placesOf(step));
}

/** How many places a step has: 0.05 has two. */
export function placesOf(step: number): number {
	for (let places = 0; places < 8; places++) {
		if (Math.abs(step * 10 ** places - Math.round(step * 10 ** places)) < 1e-9) return places;
	}
	return 8;
}

function usualPlaces(value: number): number {
	const size = Math.abs(value);
	if (size >= 1_000) return 2;
	if (size >= 10) return 3;
	if (size >= 0.1) return 5;
	return 8;
}

/** An exact amount as the engine wrote it, with thousands set apart and nothing rounded away. */
export function amount(decimal: string | null | undefined): string {
	if (decimal === null || decimal === undefined || decimal === '') return NOTHING;
	const parts = /^(-?)(\d+)(\.\d+)?$/.exec(decimal);
	if (parts === null) return decimal;
	const [, minus = '', whole = '', fraction = ''] = parts;
	return `${minus === '' ? '' : '−'}${whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')}${fraction}`;
}

/** Money for the eye: two places. Takes exact amounts too. */
export function money(value: string | Maybe): string {
	return fixed(numberOf(value), 2);
}

/** Money whose sign is the point: a plus where it was earned. */
export function signedMoney(value: string | Maybe): string {
	return signed(numberOf(value), 2);
}

export function signed(value: Maybe, places: number): string {
	const text = fixed(value, places);
	return value !== null && value !== undefined && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

export function percent(share: Maybe, places = 1): string {
	return share === null || share === undefined ? NOTHING : `${fixed(share * 100, places)} %`;
}

export function bps(value: Maybe, places = 2): string {
	const text = signed(value, places);
	return text === NOTHING ? text : `${text} bp`;
}

/** A duration, in the unit that suits it. */
export function ms(value: Maybe): string {
	if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
	const size = Math.abs(value);
	if (size < 1) return `${fixed(value * 1_000, 0)} µs`;
	if (size < 100) return `${fixed(value, 1)} ms`;
	if (size < 1_000) return `${fixed(value, 0)} ms`;
	return age(value);
}

/** How long something has lasted: two units at most. */
export function age(value: Maybe): string {
	if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
	const sec = Math.max(0, value) / 1_000;
	if (sec < 10) return `${fixed(sec, 1)} s`;
	if (sec < 60) return `${Math.floor(sec)} s`;
	const min = Math.floor(sec / 60);
	if (min < 60) return `${min} min ${Math.floor(sec % 60)} s`;
	const hours = Math.floor(min / 60);
	return hours < 48 ? `${hours} h ${min % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function count(value: Maybe): string {
	return fixed(value, 0);
}

/** One order, 2 orders. */
export function counted(value: number, noun: string): string {
	return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const DATE = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' });

/** In the time zone of whoever looks. */
export function timeOfDay(atMs: Maybe): string {
	return isTime(atMs) ? TIME.format(atMs) : NOTHING;
}

export function dateTime(atMs: Maybe): string {
	return isTime(atMs) ? `${DATE.format(atMs)} ${TIME.format(atMs)}` : NOTHING;
}

/** The time alone where it was today. */
export function moment(atMs: Maybe, nowMs: number): string {
	return isTime(atMs) && DATE.format(atMs) === DATE.format(nowMs) ? timeOfDay(atMs) : dateTime(atMs);
}

function isTime(atMs: Maybe): atMs is number {
	return atMs !== null && atMs !== undefined && Number.isFinite(atMs) && Math.abs(atMs) < 8.64e15;
}

function numberOf(value: string | Maybe): Maybe {
	return typeof value === 'string' ? (value === '' ? undefined : Number(value)) : value;
}
