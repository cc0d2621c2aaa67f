/** What a doctor found, for a person: one line a finding, and a last one that sums up. */
import type { Mode, Venue } from '../app/config/venue-section.ts';
import type { Finding } from '../app/doctor.ts';
import { counted } from './counted.ts';

export interface DoctorReport {
	readonly ok: boolean;
	readonly mode: Mode;
	readonly venues: readonly VenueReport[];
}

export interface VenueReport {
	readonly name: string;
	/** Undefined where it is not known, which a finding explains. */
	readonly place: { readonly exchange: string; readonly environment: Venue['environment']; readonly host: string } | undefined;
	readonly findings: readonly Finding[];
}

const LEVEL_WIDTH = 'problem'.length;
const CHECK_WIDTH = 'disconnect protection'.length;

export function isFine({ findings }: VenueReport): boolean {
	return findings.every(({ level }) => level !== 'problem');
}

export function doctorText({ venues }: DoctorReport): string {
	const lines = venues.flatMap(({ name, place, findings }) => [
		`venues.${name}${place === undefined ? '' : `: ${placeText(place)}`}`,
		...findings.map(({ check, level, sentence }) => `  ${level.padEnd(LEVEL_WIDTH)}  ${check.padEnd(CHECK_WIDTH)}  ${sentence}`),
	]);
	return [...lines, summary(venues.flatMap(({ findings }) => findings)), ''].join('\n');
}

function placeText({ exchange, environment, host }: NonNullable<VenueReport['place']>): string {
	return environment === 'box' ? `the exchange in a box at ${host}` : `${exchange}'s ${environment} environment at ${host}`;
}

function summary(findings: readonly Finding[]): string {
	const count = (level: Finding['level']): number => findings.filter((each) => each.level === level).length;
	const [problems, warnings] = [count('problem'), count('warning')];
	const said = `${problems === 0 ? 'no problem' : counted(problems, 'problem')}, ${counted(warnings, 'warning')}`;
	return problems === 0 ? said : `${said}: nothing can be traded until the problems are mended`;
}
