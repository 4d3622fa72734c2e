"""`./portal pix decode` as an operator types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from portal_app.settings import ROOT

VECTORS = Path(__file__).parent / "vectors" / "pix.json"
CODES = {code["crc"]: code["payload"] for code in json.loads(VECTORS.read_text(encoding="utf-8"))}


def decode(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "portal_app", "pix", "decode", text],
        cwd=ROOT,
        env=os.environ | {"LC_ALL": "en_US.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_field_stands_on_a_line_and_inner_ones_are_indented() -> None:
    answer = decode(CODES["DA67"])

    assert answer.returncode == 0
    assert answer.stdout.splitlines() == [
        "00 Payload Format Indicator: 01",
        "01 Point of Initiation Method: 12",
        "26 Merchant Account Information: 0014br.gov.bcb.pix0115teste@teste.com",
        "  00 GUI: br.gov.bcb.pix",
        "  01 chave: teste@teste.com",
        "52 Merchant Category Code: 0000",
        "53 Transaction Currency: 986",
        "54 Transaction Amount: 100",
        "58 Country Code: BR",
        "59 Merchant Name: NOME_DA_PESSOA",
        "60 Merchant City: CIDADE",
        "62 Additional Data Field Template: 0512id-transacao",
        "  05 Reference Label (txid): id-transacao",
        "63 CRC: DA67",
    ]


def test_a_field_without_a_name_shows_its_value_all_the_same() -> None:
    lines = decode(CODES["EB76"]).stdout.splitlines()

    assert "    01: 1.0.0" in lines
    assert "  01: PADRAO.URL.PIX/0123ABCD" in lines


def test_a_wrong_crc_is_exit_code_1_and_the_reason() -> None:
    answer = decode(CODES["1D3D"])

    assert (answer.returncode, answer.stdout) == (1, "")
    assert "CRC" in answer.stderr
    assert "PIX_INVALID" in answer.stderr


def test_a_text_that_is_no_br_code_is_exit_code_1_and_the_reason() -> None:
    answer = decode("07797.90020 00015.130000")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert "PIX_INVALID" in answer.stderr
