/** The section `api`: the dashboard and the control API, which listen on loopback unless somebody says how they are kept safe. */
import * as z from 'zod';
import { textUpTo, urlOf, wholeNumber, yesNo } from './kinds.ts';

const PORT_MAX = 65_535;
const LOOPBACK = ['127.0.0.1', '::1'];

function isAddress(text: string): boolean {
	return z.ipv4().safeParse(text).success || z.ipv6().safeParse(text).success;
}

export const apiSection = z
	.strictObject({
		enabled: yesNo().describe('false: no dashboard, and no command reaches the running engine').prefault(true),
		host: textUpTo(1, 100)
			.refine((text) => isAddress(text), 'an address such as 127.0.0.1 or ::1')
			.describe('address to listen on; another than loopback needs tls_cert and tls_key, or behind_proxy')
			.prefault('127.0.0.1'),
		port: wholeNumber(0, PORT_MAX).describe('0 for any that is free').prefault(4720),
		behind_proxy: urlOf('https')
			.describe('address under which a proxy of yours offers it over TLS, such as https://desk.example.com')
			.optional(),
		tls_cert: textUpTo(1, 1_000).describe('file with the certificate, where it shall speak TLS itself').optional(),
		tls_key: textUpTo(1, 1_000).describe('file with the key of that certificate').optional(),
	})
	.superRefine((section, context) => {
		const refuse = (path: string, message: string, found: string): void =>
			context.addIssue({ code: 'custom', path: [path], message, params: { found } });
		if (section.tls_cert !== undefined && section.tls_key === undefined) refuse('tls_key', 'both files or none', 'none');
		if (section.tls_key !== undefined && section.tls_cert === undefined) refuse('tls_cert', 'both files or none', 'none');
		if (LOOPBACK.includes(section.host) || section.tls_cert !== undefined || section.behind_proxy !== undefined) return;
		refuse('host', '127.0.0.1 or ::1, as long as neither tls_cert and tls_key nor behind_proxy are said', `'${section.host}'`);
	})
	.prefault({});
