"""Debian's Chromium without a window: what it loaded from us, what it complained of, and how a page is waited for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.console.places import PASSWORD, Place

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
WAIT_S = 20


@dataclass(slots=True)
class Window:
    """One browser with a new profile."""

    driver: Chrome
    place: Place

    def go(self, path: str, *, ready: bool = True) -> None:
        self.driver.get(self.place.house.url + path)
        if ready:
            self.until("html[data-ready]")

    def sign_in(self) -> None:
        self.go("/console/sign-in", ready=False)
        self.one("[name=login]").send_keys("ada")
        self.one("[name=password]").send_keys(PASSWORD)
        self.one("main button").click()
        self.until("#events")

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def until(self, selector: str) -> WebElement:
        """The first element that fits, once it is there."""
        found: WebElement = WebDriverWait(self.driver, WAIT_S).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, selector)
        )
        return found

    def wait(self, script: str) -> Any:
        """Until the script's value is true."""
        return WebDriverWait(self.driver, WAIT_S).until(lambda driver: driver.execute_script(f"return {script}"))

    def rows(self) -> list[str]:
        return [row.text for row in self.all("#events tbody tr:not(.day)")]

    def complaints(self) -> list[str]:
        """What the browser's log holds: faults of scripts, and what the policy forbade."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def loaded_bytes(self) -> dict[str, int]:
        """By address, what came over the wire from our own port since this was asked last, as sent."""
        addresses, sizes = dict[str, str](), dict[str, int]()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            told = message["params"]
            if message["method"] == "Network.responseReceived":
                addresses[told["requestId"]] = told["response"]["url"]
            elif message["method"] == "Network.loadingFinished":
                url = addresses.get(told["requestId"], "")
                if url.startswith(self.place.house.url):
                    sizes[url] = int(told["encodedDataLength"])
        return sizes


@contextmanager
def window(
    place: Place, folder: Path, *, scripts: bool = True, width: int = 1280, height: int = 900
) -> Iterator[Window]:
    """A browser that talks to nobody but us."""
    assert CHROMIUM is not None
    assert DRIVER is not None
    options = Options()
    options.binary_location = CHROMIUM
    for word in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
        f"--window-size={width},{height}", f"--user-data-dir={folder / 'profile'}",
    ):  # fmt: skip
        options.add_argument(word)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    if width < 500:  # a window of the headless shell is never narrower than 500; a device may be
        metrics = {"width": width, "height": height, "pixelRatio": 1.0}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    try:
        yield Window(driver, place)
    finally:
        driver.quit()
