/** The way to every page. On a phone the four that matter most stand below the thumb, the others behind "More". */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { linkTo, place } from '../router.ts';
import { ROUTES, type Route } from '../routes.ts';

const GROUPS: readonly (readonly [group: Route['group'], title: string])[] = [
	['trading', 'Trading'],
	['quality', 'Quality'],
	['operating', 'Operating'],
];
const AT_THE_THUMB = ['overview', 'symbols', 'orders', 'control'];

export function Menu(): JSX.Element {
	const [isOpen, setOpen] = useState(false);
	const { name } = place.value;
	useEffect(() => setOpen(false), [name]);
	const shown = ROUTES.filter(({ inMenu = true }) => inMenu);
	return (
		<nav class={isOpen ? 'menu open' : 'menu'} aria-label="Pages">
			<div class="menu-groups" id="menu-groups">
				{GROUPS.map(([group, title]) => (
					<div class="menu-group" key={group}>
						<h2 class="menu-title">{title}</h2>
						<ul>
							{shown
								.filter((route) => route.group === group)
								.map((route) => (
									<li key={route.name}>
										<MenuLink route={route} current={name} />
									</li>
								))}
						</ul>
					</div>
				))}
			</div>
			<div class="thumb">
				{shown
					.filter((route) => AT_THE_THUMB.includes(route.name))
					.map((route) => (
						<MenuLink key={route.name} route={route} current={name} />
					))}
				<button
					type="button"
					class="menu-link"
					aria-expanded={isOpen}
					aria-controls="menu-groups"
					onClick={() => setOpen(!isOpen)}
				>
					{isOpen ? 'Close' : 'More'}
				</button>
			</div>
		</nav>
	);
}

function MenuLink({ route, current }: { readonly route: Route; readonly current: string }): JSX.Element {
	const isHere = route.name === current || (route.name === 'symbols' && current === 'symbol');
	return (
		<a class="menu-link" href={linkTo(route.name)} aria-current={isHere ? 'page' : undefined}>
			<span>{route.title}</span>
			{route.key === undefined ? null : (
				<kbd class="menu-key" aria-hidden="true">
					g {route.key}
				</kbd>
			)}
		</a>
	);
}
