"""The web chat in a browser, as a citizen sees and uses it."""

from playwright.sync_api import Frame, Locator, Page, expect


class Chat:
    """What a citizen does and sees on the page."""

    def __init__(self, page: Page | Frame) -> None:
        self.page = page
        self.words = page.locator("#words")
        self.log = page.locator("#log")

    def say(self, words: str) -> None:
        self.words.fill(words)
        self.words.press("Enter")

    def press(self, title: str) -> None:
        self.page.get_by_role("button", name=title, exact=True).last.click()

    def hears(self, words: str) -> Locator:
        """Waits for words of the hotline's."""
        found = self.log.locator(".bot .words, .operator .words").filter(has_text=words).last
        expect(found).to_be_visible()
        return found

    def said(self) -> list[str]:
        """All messages as on the screen, the citizen's marked."""
        return self.log.locator(".entry").evaluate_all(
            "all => all.map(e => (e.matches('.citizen') ? '我：' : '') + e.querySelector('.words').textContent)"
        )

    def sees(self, selector: str) -> Locator:
        found = self.page.locator(selector).last
        expect(found).to_be_visible()
        return found
