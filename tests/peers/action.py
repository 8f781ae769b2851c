"""Runs the steps of a composite action as GitHub does: `action.py ACTION BINARY FOLDER`.

Expressions in `env` are replaced by the inputs' values; the scripts run as they stand."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml


def run(action, inputs, folder):
    """The status of the last step, and everything that was printed, put out and summed up."""
    values = {name: str(it.get("default", "")) for name, it in action["inputs"].items()} | inputs
    known = {f"inputs.{name}": value for name, value in values.items()}
    known["github.action_path"] = os.getcwd()
    printed, status = "", 0
    with tempfile.TemporaryDirectory() as temporary:
        paths = {it: pathlib.Path(temporary, it) for it in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for step in action["runs"]["steps"]:
            assert "${{" not in step["run"], "an input would become code"
            for path in paths.values():
                path.touch()
            fill = lambda text: re.sub(r"\$\{\{ *(.*?) *\}\}", lambda it: known[it.group(1)], text)
            environment = os.environ | {key: fill(value) for key, value in step["env"].items()}
            environment |= {key: str(path) for key, path in paths.items()} | {"RUNNER_TEMP": temporary}
            # What `shell: bash` means on GitHub.
            shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True)
            printed, status = printed + done.stdout + done.stderr, done.returncode
            for line in paths["GITHUB_OUTPUT"].read_text().splitlines():
                name, _, value = line.partition("=")
                known[f"steps.{step['id']}.outputs.{name}"] = value
        return status, printed, known, paths["GITHUB_STEP_SUMMARY"].read_text()


def main():
    file, binary, folder = sys.argv[1:]
    action = yaml.safe_load(pathlib.Path(file).read_text())
    folder = pathlib.Path(folder)
    (folder / "good.arch").write_text("service a\nservice b\na -> b : grpc { retry = exponential(base = 50ms) }\n")
    status, printed, known, summary = run(action, {"binary": binary, "sarif": "findings.sarif"}, folder)
    assert status == 1, printed
    assert known["steps.lint.outputs.status"] == "1", known
    assert "::error file=good.arch,line=3" in printed, printed
    assert "RTY001" in summary, summary
    assert '"version": "2.1.0"' in (folder / "findings.sarif").read_text()
    status, printed, *_ = run(action, {"binary": binary, "arguments": "--ignore RTY001"}, folder)
    assert status == 0, printed
    (folder / "hostile.arch").write_text("service a\n")
    status, printed, *_ = run(action, {"binary": binary, "paths": "hostile.arch; touch owned"}, folder)
    assert status == 2 and not (folder / "owned").exists(), printed
    print("the action does what it says")


main()
