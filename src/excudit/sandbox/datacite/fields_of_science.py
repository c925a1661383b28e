"""Fields of science: the OECD list (Frascati, 2007), and ANZSRC Fields of Research mapped to it.

The OECD labels are those of "Revised Field of Science and Technology Classification",
DSTI/EAS/STP/NESTI(2006)19/FINAL; the Fields of Research those of ANZSRC 2008, divisions.
"""

from __future__ import annotations

from typing import Any

from excudit.sandbox.datacite.markup import strip

SCHEME = {
    "subjectScheme": "Fields of Science and Technology (FOS)",
    "schemeUri": "http://www.oecd.org/science/inno/38235147.pdf",
}

OECD = frozenset(
    line.strip()
    for line in """
    Natural sciences
    Mathematics
    Computer and information sciences
    Physical sciences
    Chemical sciences
    Earth and related environmental sciences
    Biological sciences
    Other natural sciences
    Engineering and technology
    Civil engineering
    Electrical engineering, electronic engineering, information engineering
    Mechanical engineering
    Chemical engineering
    Materials engineering
    Medical engineering
    Environmental engineering
    Environmental biotechnology
    Industrial biotechnology
    Nano-technology
    Other engineering and technologies
    Medical and health sciences
    Basic medicine
    Clinical medicine
    Health sciences
    Health biotechnology
    Other medical sciences
    Agricultural sciences
    Agriculture, forestry, and fisheries
    Animal and dairy science
    Veterinary science
    Agricultural biotechnology
    Other agricultural sciences
    Social sciences
    Psychology
    Economics and business
    Educational sciences
    Sociology
    Law
    Political science
    Social and economic geography
    Media and communications
    Other social sciences
    Humanities
    History and archaeology
    Languages and literature
    Philosophy, ethics and religion
    Arts (arts, history of arts, performing arts, music)
    Other humanities
    """.strip().splitlines()
)

ANZSRC = {
    "Mathematical Sciences": "Mathematics",
    "Pure Mathematics": "Mathematics",
    "Applied Mathematics": "Mathematics",
    "Numerical and Computational Mathematics": "Mathematics",
    "Statistics": "Mathematics",
    "Mathematical Physics": "Mathematics",
    "Astronomical and Space Sciences": "Physical sciences",
    "Atomic, Molecular, Nuclear, Particle and Plasma Physics": "Physical sciences",
    "Classical Physics": "Physical sciences",
    "Condensed Matter Physics": "Physical sciences",
    "Optical Physics": "Physical sciences",
    "Quantum Physics": "Physical sciences",
    "Analytical Chemistry": "Chemical sciences",
    "Inorganic Chemistry": "Chemical sciences",
    "Macromolecular and Materials Chemistry": "Chemical sciences",
    "Medicinal and Biomolecular Chemistry": "Chemical sciences",
    "Organic Chemistry": "Chemical sciences",
    "Physical Chemistry (incl. Structural)": "Chemical sciences",
    "Theoretical and Computational Chemistry": "Chemical sciences",
    "Earth Sciences": "Earth and related environmental sciences",
    "Atmospheric Sciences": "Earth and related environmental sciences",
    "Geochemistry": "Earth and related environmental sciences",
    "Geology": "Earth and related environmental sciences",
    "Geophysics": "Earth and related environmental sciences",
    "Oceanography": "Earth and related environmental sciences",
    "Physical Geography and Environmental Geoscience": "Earth and related environmental sciences",
    "Environmental Sciences": "Earth and related environmental sciences",
    "Ecological Applications": "Earth and related environmental sciences",
    "Environmental Science and Management": "Earth and related environmental sciences",
    "Soil Sciences": "Earth and related environmental sciences",
    "Biochemistry and Cell Biology": "Biological sciences",
    "Ecology": "Biological sciences",
    "Evolutionary Biology": "Biological sciences",
    "Genetics": "Biological sciences",
    "Microbiology": "Biological sciences",
    "Physiology": "Biological sciences",
    "Plant Biology": "Biological sciences",
    "Zoology": "Biological sciences",
    "Agricultural and Veterinary Sciences": "Agricultural sciences",
    "Animal Production": "Animal and dairy science",
    "Crop and Pasture Production": "Agriculture, forestry, and fisheries",
    "Fisheries Sciences": "Agriculture, forestry, and fisheries",
    "Forestry Sciences": "Agriculture, forestry, and fisheries",
    "Horticultural Production": "Agriculture, forestry, and fisheries",
    "Veterinary Sciences": "Veterinary science",
    "Information and Computing Sciences": "Computer and information sciences",
    "Artificial Intelligence and Image Processing": "Computer and information sciences",
    "Computer Software": "Computer and information sciences",
    "Information Systems": "Computer and information sciences",
    "Library and Information Studies": "Computer and information sciences",
    "Engineering": "Engineering and technology",
    "Biomedical Engineering": "Medical engineering",
    "Electrical and Electronic Engineering": (
        "Electrical engineering, electronic engineering, information engineering"
    ),
    "Geomatic Engineering": "Environmental engineering",
    "Nanotechnology": "Nano-technology",
    "Technology": "Engineering and technology",
    "Clinical Sciences": "Clinical medicine",
    "Neurosciences": "Basic medicine",
    "Immunology": "Basic medicine",
    "Public Health and Health Services": "Health sciences",
    "Education": "Educational sciences",
    "Economics": "Economics and business",
    "Commerce, Management, Tourism and Services": "Economics and business",
    "Built Environment and Design": "Engineering and technology",
    "Studies in Human Society": "Social sciences",
    "Psychology and Cognitive Sciences": "Psychology",
    "Law and Legal Studies": "Law",
    "Studies in Creative Arts and Writing": "Arts (arts, history of arts, performing arts, music)",
    "Language, Communication and Culture": "Languages and literature",
    "Philosophy and Religious Studies": "Philosophy, ethics and religion",
}


def normalise(subjects: list[Any]) -> list[Any]:
    """Subjects as the registry keeps them: cleaned, each field of science a second time as FOS."""
    kept: list[Any] = []
    for subject in subjects:
        for entry in _entries(subject):
            if entry not in kept:
                kept.append(entry)
    return kept


def _entries(subject: Any) -> list[Any]:
    if not isinstance(subject, dict):
        return [subject]
    text = strip(str(subject.get("subject", "")))
    bare = text.removeprefix("FOS: ")
    cleaned = {**subject, "subject": text} if "subject" in subject else subject
    field = bare if bare in OECD else ANZSRC.get(text)
    return [cleaned, {"subject": f"FOS: {field}", **SCHEME}] if field else [cleaned]
