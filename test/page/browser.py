"""A headless Chromium, driven by its chromedriver (W3C WebDriver), with the
standard library alone.
"""

import contextlib
import json
import os
import re
import subprocess
import tempfile
import urllib.request

PATIENCE = 60 * int(os.environ.get("TEST_PATIENCE", "1"))
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER, RIGHT = "\ue007", "\ue014"


class Browser:
    """One window."""

    def __init__(self, address, folder):
        """address: where the driver listens; folder: for what it keeps."""
        self.address = address
        # The pages are our own, and a sandbox of Chromium's needs what
        # containers and root do not have.
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu",
                     "--disable-dev-shm-usage", "--window-size=1200,1000",
                     f"--user-data-dir={folder}"]
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = f"/session/{made['sessionId']}"

    def _ask(self, method, path, body=None):
        request = urllib.request.Request(
            self.address + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]

    def do(self, path, **body):
        return self._ask("POST", self.session + path, body)

    def open(self, path):
        self.do("/url", url=f"file://{path}")

    def complaints(self):
        """What the console has been told since this was asked last; but not
        what Chromium says of its own pages."""
        said = (entry["message"]
                for entry in self.do("/se/log", type="browser"))
        return [text for text in said if not text.startswith("chrome://")]

    def run(self, script, *arguments):
        """What a script returns."""
        return self.do("/execute/sync", script=script, args=list(arguments))

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])]"
                        ".map((element) => element.textContent)", selector)

    def count(self, selector):
        return len(self.texts(selector))

    def find(self, selector):
        found = self.do("/element", using="css selector", value=selector)
        return found[ELEMENT]

    def click(self, selector):
        self.do(f"/element/{self.find(selector)}/click")

    def type(self, selector, keys):
        self.do(f"/element/{self.find(selector)}/value", text=keys)

    def hover(self, selector):
        element = {ELEMENT: self.find(selector)}
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        self.do("/actions", actions=[{
            "type": "pointer", "id": "mouse", "actions": [
                {"type": "pointerMove", "duration": 0, "x": 0, "y": 0,
                 "origin": element}]}])

    def prefer(self, scheme):
        """Of light and dark."""
        self.do("/goog/cdp/execute", cmd="Emulation.setEmulatedMedia",
                params={"features": [{"name": "prefers-color-scheme",
                                      "value": scheme}]})

    def close(self):
        self._ask("DELETE", self.session)


@contextlib.contextmanager
def browsing():
    """A browser while it is needed."""
    with tempfile.TemporaryDirectory(prefix="reverse-browser.",
                                     ignore_cleanup_errors=True) as folder:
        driver = subprocess.Popen(
            ["chromedriver", "--port=0"], text=True, cwd=folder,
            env={**os.environ, "HOME": folder}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            started = (re.search(r"successfully on port (\d+)", line)
                       for line in driver.stdout)
            port = next(found[1] for found in started if found)
            browser = Browser(f"http://127.0.0.1:{port}", folder)
            yield browser
            browser.close()
        finally:
            driver.terminate()
            driver.wait(PATIENCE)
            driver.stdout.close()
