/** What is round every page: the menu, the bar with the state of the engine, and the way in. */
import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { LoginPage } from '../pages/login.tsx';
import { Empty } from '../parts/layout.tsx';
import { followAddress, HOME, place } from '../router.ts';
import { type PageParts, type Route, routeOf } from '../routes.ts';
import { openFeed } from '../store/live.ts';
import { session } from '../store/session.ts';
import { ActionDialogs } from './actions.tsx';
import { Help } from './help.tsx';
import { listenToKeys } from './keys.ts';
import { Menu } from './menu.tsx';
import { Notices } from './notices.tsx';
import { FeedNotice, StatusBar } from './status-bar.tsx';

export function App(): JSX.Element | null {
	switch (session.value.kind) {
		case 'unknown':
			return null; // for the moment that the first answer takes
		case 'out':
			return <LoginPage sentence={session.value.sentence} />;
		case 'in':
			return <Inside />;
	}
}

function Inside(): JSX.Element {
	useEffect(followAddress, []);
	useEffect(openFeed, []);
	useEffect(listenToKeys, []);
	return (
		<div class="shell">
			<a class="skip" href="#main" onClick={skip}>
				Skip to the page
			</a>
			<StatusBar />
			<Menu />
			<main id="main" tabIndex={-1}>
				<FeedNotice />
				<CurrentPage />
			</main>
			<Notices />
			<ActionDialogs />
			<Help />
		</div>
	);
}

/** The address belongs to the pages, so the link must not change it. */
function skip(event: MouseEvent): void {
	event.preventDefault();
	document.getElementById('main')?.focus();
}

interface Loaded {
	readonly route: Route;
	readonly View: FunctionComponent<PageParts>;
}

function CurrentPage(): JSX.Element {
	const { name, rest } = place.value;
	const [loaded, setLoaded] = useState<Loaded | 'failed' | undefined>(undefined);
	const route = routeOf(name) ?? routeOf(HOME);
	useEffect(() => {
		if (route === undefined) return;
		let isWanted = true;
		document.title = `${route.title} · Evenkeel`;
		route.load().then(
			(View) => isWanted && setLoaded({ route, View }),
			() => isWanted && setLoaded('failed'),
		);
		return () => {
			isWanted = false;
		};
	}, [route]);
	if (loaded === 'failed') return <Empty>This page could not be loaded: reload it when the engine runs again.</Empty>;
	if (loaded === undefined || loaded.route !== route) return <Empty>Loading …</Empty>;
	const { View } = loaded;
	return <View key={`${name}/${rest}`} rest={rest} />;
}
