"""The PDF that is made of an assessment, and those that are handed in."""

from __future__ import annotations

import io
import json

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from excudit.sources.assessment.document import read
from excudit.sources.assessment.received import problems
from excudit.sources.assessment.rendering import render


@pytest.fixture
def samples(shared):
    return shared / "data" / "assessment"


def made(content):
    found, wrong = read(content)
    assert wrong == []
    return render(found, found.id or "no-id")


@pytest.fixture
def pdf(samples):
    return PdfReader(io.BytesIO(made((samples / "large-assessment.json").read_bytes())))


def words(pdf):
    return " ".join(
        " ".join(page.extract_text() for page in pdf.pages).replace("\u200b", "").split()
    )


def test_equal_documents_give_equal_bytes_and_others_do_not(samples):
    content = (samples / "large-assessment.json").read_bytes()
    assert made(content) == made(content)
    assert made(content) != made(content.replace(b'"ranking": 4', b'"ranking": 3'))


def test_it_is_tagged_for_readers_in_its_language_with_its_title(pdf):
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith("en")
    assert pdf.metadata.title.startswith("Über-Assessment — Große Datenablage Ωmega")
    assert b"pdfuaid:part" in root["/Metadata"].get_data()


def test_its_bookmarks_are_the_principles_and_below_them_the_criteria(pdf):
    top = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    assert top[2:] == [
        "P101 – Findable & stable",
        "P102 – Offene Schnittstellen",
        "P103 – Gouvernance et pérennité",
    ]
    below = [entry for entry in pdf.outline if isinstance(entry, list)]
    assert below[0][0].title == "C101 – Persistent landing page"


def test_it_says_result_questions_answers_and_evidence_whatever_their_script(pdf):
    text = words(pdf)
    for said in (
        "pass",
        "7 of 7",
        "4 of 5",
        "Does each identifier resolve to a landing page?",
        "Σελίδα δείγματος",
        "Zażółć gęślą jaźń",
        "percent: 97.5",
        "no evidence",
    ):
        assert said in text, said
    links = {
        str(note.get_object()["/A"]["/URI"])
        for page in pdf.pages
        for note in page.get("/Annots", ())
        if "/A" in note.get_object() and "/URI" in note.get_object()["/A"]
    }
    assert "https://doi.org/10.5072/example.tombstone.1" in links
    assert all(link.startswith(("http://", "https://")) for link in links)


def test_names_in_chinese_japanese_korean_arabic_and_hindi_are_set(samples):
    tree = json.loads((samples / "large-assessment.json").read_bytes())
    tree["assessment_doc"]["name"] = "李示例 日本語 한국어 محمد हिन्दी"
    pdf = PdfReader(io.BytesIO(made(json.dumps(tree).encode())))
    assert "李示例" in words(pdf)
    assert b"pdfuaid:part" in pdf.trailer["/Root"]["/Metadata"].get_data()


def test_a_private_assessment_is_marked_as_a_draft(samples):
    pdf = PdfReader(io.BytesIO(made((samples / "private-assessment.json").read_bytes())))
    assert "DRAFT" in words(pdf)


def test_markup_in_a_document_stays_text_and_no_script_becomes_a_link(samples):
    tree = json.loads((samples / "large-assessment.json").read_bytes())
    tree["assessment_doc"]["name"] = '#panic("x") *bold* $x$ @ref'
    test = tree["assessment_doc"]["principles"][0]["criteria"][0]["metric"]["tests"][0]
    test["evidence_url"] = [{"url": "javascript:alert(1)"}, {"url": "file:///etc/passwd"}]
    content = made(json.dumps(tree).encode())
    assert '#panic("x") *bold* $x$ @ref' in words(PdfReader(io.BytesIO(content)))
    assert problems(content) == []


def test_only_what_really_is_a_pdf_is_taken(samples):
    assert problems((samples / "valid.pdf").read_bytes()) == []
    for name in ("magic-only.pdf", "truncated.pdf", "not-a-pdf.bin"):
        assert problems((samples / name).read_bytes()), name


def saved(change):
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    change(writer)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def script(writer):
    tree = DictionaryObject({NameObject("/Names"): ArrayObject()})
    names = DictionaryObject({NameObject("/JavaScript"): tree})
    writer.root_object[NameObject("/Names")] = names


def launch(writer):
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("run.exe")}
    )
    writer.root_object[NameObject("/OpenAction")] = action


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (script, "by itself"),
        (launch, "by itself"),
        (lambda w: w.encrypt("secret", algorithm="RC4-128"), "encrypted"),
    ],
    ids=["script", "launch", "encrypted"],
)
def test_a_pdf_that_acts_or_hides_is_refused(change, said):
    assert said in problems(saved(change))[0].message


def test_a_pdf_without_pages_is_refused():
    content = io.BytesIO()
    PdfWriter().write(content)
    assert problems(content.getvalue())
