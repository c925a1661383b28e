"""What is asked of every page: WCAG 2.2 AA by axe-core in light and dark, one h1, no side scroll,
no word in the console."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

AXE = Axe()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules whose answer can be another in the dark: the rest of a page is the same."""
NARROWEST_PX = 320
HEAVIEST_BYTES = 150_000
SMALLEST_PX = 24
# The browser says so of every answer ≥ 400; error pages are looked at on purpose.
_EXPECTED = "Failed to load resource: the server responded with a status of "


class Watch:
    """Hears the console of a page: errors, warnings of the security policy, broken scripts.

    `failing` when the service is to fail on purpose."""

    def __init__(self, page: Page, *, failing: bool = False) -> None:
        self.heard: list[str] = []
        self._expected = tuple(_EXPECTED + n for n in ("45" if failing else "4"))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.heard.append(f"script: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(self._expected):
            self.heard.append(message.text)


def judge(page: Page) -> None:
    """Assert that axe-core finds nothing in light and in dark, that there is one h1 and a title,
    and that nothing scrolls sideways at 320 px; afterwards the page looks as before."""
    found = violations(page)
    assert not found, f"{page.url}:\n" + "\n".join(found)
    page.emulate_media(color_scheme="dark")
    found = violations(page, OF_COLOURS)
    assert not found, f"{page.url} in the dark:\n" + "\n".join(found)
    page.emulate_media(color_scheme="light")
    assert page.locator("h1").count() == 1, f"{page.url}: not one h1"
    assert page.title().strip(), f"{page.url}: no title"
    assert not too_wide(page), f"{page.url}: wider than {NARROWEST_PX} px: {too_wide(page)}"


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds now, by all its rules or by these, a line for each place."""
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    options = {"runOnly": only, "resultTypes": ["violations"]}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    answer = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {node['html'][:200]} – {node.get('failureSummary', '')}"
        for rule in answer["violations"]
        for node in rule["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """What stands out of a window of 320 px (a screen at 400 % zoom), outside of named regions."""
    size = page.viewport_size
    page.set_viewport_size({"width": NARROWEST_PX, "height": 800})
    found: list[str] = page.evaluate(
        """(width) => {
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((e) => !e.closest("[role=region]"))
            .filter((e) => e.getBoundingClientRect().right > width + 1)
            .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5)
            .concat(`scrolls to ${document.documentElement.scrollWidth} px`);
        }""",
        NARROWEST_PX,
    )
    if size:
        page.set_viewport_size(size)
    return found


def too_small(page: Page) -> list[str]:
    """Buttons and fields of less than 24 × 24 px. Links within a sentence may be smaller; a label
    belongs to its box."""
    found: list[str] = page.evaluate(
        """(least) => [...document.querySelectorAll(
            "button, a.button, input:not([type=hidden]), select, textarea, summary, nav a")]
          .filter((e) => e.checkVisibility() && !e.closest(".hidden, [aria-hidden=true]"))
          .filter((e) => {
            const boxes = [e, ...(e.labels || [])].map((b) => b.getBoundingClientRect());
            const wide = Math.max(...boxes.map((b) => b.right))
              - Math.min(...boxes.map((b) => b.left));
            const high = Math.max(...boxes.map((b) => b.bottom))
              - Math.min(...boxes.map((b) => b.top));
            return wide < least - 0.1 || high < least - 0.1;
          }).map((e) => `smaller than ${least} px: ${e.outerHTML.slice(0, 160)}`)""",
        SMALLEST_PX,
    )
    return found


def unreachable(page: Page) -> list[str]:
    """What the keyboard reaches but nobody sees in the window as it is now: outside of it, below
    something else, or without a mark of the focus."""
    found: list[str] = page.evaluate(
        """() => {
          const found = [];
          const told = (why, e) => found.push(`${why}: ${e.outerHTML.slice(0, 160)}`);
          for (const e of document.querySelectorAll(
            "main a[href], main button, main input:not([type=hidden]), main select, main textarea,"
            + "main summary, main [tabindex='0']")) {
            if (!e.checkVisibility() || e.disabled || e.tabIndex < 0) continue;
            e.focus();
            if (document.activeElement !== e) { told("takes no focus", e); continue; }
            const style = getComputedStyle(e);
            if (style.outlineStyle === "none" && style.boxShadow === "none")
              told("shows no focus", e);
            const parts = [...e.getClientRects()].map((box) => ({
              left: Math.max(box.left, 0), right: Math.min(box.right, innerWidth),
              top: Math.max(box.top, 0), bottom: Math.min(box.bottom, innerHeight),
            })).filter((box) => box.right - box.left >= 1 && box.bottom - box.top >= 1);
            if (!parts.length) { told("is outside", e); continue; }
            const {left, right, top, bottom} = parts[0];
            const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
            if (!seen || !(e.contains(seen) || seen.contains(e))) told("is covered", e);
          }
          if (document.documentElement.scrollWidth > innerWidth)
            found.push(`scrolls to ${document.documentElement.scrollWidth} px`);
          return found;
        }"""
    )
    return found


def weight(page: Page, url: str) -> dict[str, int]:
    """Bytes of a page and of all that it loads, by address, as they come over the wire."""
    loaded: dict[str, int] = {}

    def note(request: Request) -> None:
        # What comes from the browser's own store counts for nothing.
        loaded[request.url] = max(0, request.sizes()["responseBodySize"])

    page.on("requestfinished", note)
    page.goto(url, wait_until="networkidle")
    page.remove_listener("requestfinished", note)
    return loaded
