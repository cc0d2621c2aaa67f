/** The way in without a printed link: a token of the engine's data folder. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../parts/controls.tsx';
import { logIn } from '../store/session.ts';

export function LoginPage({ sentence }: { readonly sentence: string | undefined }): JSX.Element {
	const [token, setToken] = useState('');
	const [isBusy, setBusy] = useState(false);
	const go = async (): Promise<void> => {
		setBusy(true);
		await logIn({ token: token.trim() });
		setBusy(false);
	};
	return (
		<main class="login">
			<form
				class="login-card"
				onSubmit={(event) => {
					event.preventDefault();
					void go();
				}}
			>
				<h1>Evenkeel</h1>
				{sentence === undefined ? null : (
					<p class="tone-bad" role="alert">
						{sentence}
					</p>
				)}
				<p>
					The engine prints a link when it starts; it is good for a minute and lets you in. Later, a token does: it stands in
					api-tokens.json of the data folder, one for each role.
				</p>
				<Field label="Token" type="password" value={token} onInput={setToken} autoFocus />
				<button type="submit" class="button primary" disabled={isBusy || token.trim() === ''}>
					Log in
				</button>
			</form>
		</main>
	);
}
