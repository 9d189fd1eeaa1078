"""Runs stored before results were typed open as typed results, and say they are out of date."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlmodel import Session, select

from reviewtool.db.engine import Database
from reviewtool.db.migrate import config, upgrade
from reviewtool.settings import Settings
from reviewtool.synthesis.models import Analysis, AnalysisRun, AnalysisState
from reviewtool.synthesis.results import NetworkResult, PairwiseResult
from reviewtool.synthesis.sheets.written import Written

GROUP = {"events": 14.0, "total": 40.0, "mean": None, "sd": None}
EFFECT = {"estimate": 0.9, "se": 0.3, "ci_low": 0.3, "ci_high": 1.5}
REFIT = EFFECT | {"p": 0.003, "tau2": None, "i2": 12.0}
# What Mantel-Haenszel stored: no method, no test, no prediction interval.
POOLED = REFIT | {
    "k": 2,
    "weights": [60.0, 40.0],
    "statistic": 3.0,
    "q": 1.1,
    "q_df": 1,
    "q_p": 0.29,
}


def study(number: int) -> dict[str, Any]:
    return EFFECT | {
        "study_id": number,
        "label": f"Trial {number}",
        "year": 2000 + number,
        "treatment": "acupuncture",
        "comparator": "sham",
        "subgroup": "",
        "group1": GROUP,
        "group2": GROUP,
        "weight": 50.0,
    }


PAIRWISE = {
    "measure": "OR",
    "log": True,
    "level": 95.0,
    "pooled": POOLED,
    "studies": [study(1), study(2)],
    "sentence": "OR of 2 studies were pooled.",
    "notes": ["Trial 1: 2 experimental arms were combined."],
    "warnings": ["Zero cells were corrected in: Trial 2."],
    "subgroups": [{"label": "Low", **POOLED}, {"label": "High", **POOLED}],
    "between": {"q": 0.4, "df": 1, "df2": None, "p": 0.53},
    "regression": {"error": "Too few studies report dose."},
    "sensitivity": {
        "common": POOLED | {"method": "EE", "test": "z"},
        "exclude_high_risk": {"k": 2, "estimate": None},
        "leave_one_out": [{"omitted": "Trial 1", **REFIT}, {"omitted": "Trial 2", **REFIT}],
    },
    "asymmetry": {},
}
SPLIT = dict.fromkeys(
    ("share", "direct", "direct_se", "indirect", "indirect_se", "network", "network_se")
    + ("difference", "difference_se", "p")
)
NETWORK = {
    "kind": "network",
    "measure": "OR",
    "log": True,
    "level": 95.0,
    "model": "random",
    "reference": "sham",
    "treatments": [
        EFFECT
        | {
            "name": name,
            "studies": 2,
            "participants": 80.0,
            "pi_low": None,
            "pi_high": None,
            "p_score": 0.5,
            "sucra": 0.5,
            "ranks": [0.5, 0.5],
        }
        for name in ("acupuncture", "sham")
    ],
    "league": {
        "acupuncture": {"sham": EFFECT | {"p": 0.003}},
        "sham": {"acupuncture": EFFECT | {"p": 0.003}},
    },
    "direct": [{"first": "acupuncture", "second": "sham", "studies": 2}],
    "contrasts": [
        {"study": "Trial 1", "first": "acupuncture", "second": "sham", "estimate": 0.9, "se": 0.3}
    ],
    "splits": [{"first": "acupuncture", "second": "sham", "studies": 2} | SPLIT],
    "interaction": None,
    "method": "REML",
    "lower_is_better": False,
    "k": 2,
    "tau2": 0.0,
    "i2": None,
    "q": {"total": {"q": 1.1, "df": 1, "p": 0.29}, "within": None, "between": None},
    "sentence": "Two treatments.",
    "notes": [],
    "warnings": [],
}
INPUTS = {
    "rows": [
        {
            "study_id": 1,
            "label": "Trial 1",
            "year": 2001,
            "treatment": "acupuncture",
            "comparator": "sham",
            "group1": GROUP,
            "group2": GROUP,
            "estimate": None,
            "se": None,
            "subgroup": "",
        }
    ],
    "notes": [],
    "moderators": {"1": {"dose": 2.0}},
    "judgements": {"1": "High"},
}
SETTINGS = {
    "measure": "OR",
    "model": "common",
    "method": "MH",
    "test": "z",
    "level": 95.0,
    "subgroup": "bias",
    "moderators": [],
    "sensitivity": ["common"],
    "kind": "pairwise",
}


@pytest.fixture
def stored(tmp_path):
    """A database of the version before, with one run of each kind, brought to the newest."""
    settings = Settings(environment="test", data=tmp_path, database_url="")
    alembic = config(settings.database)
    scripts = ScriptDirectory.from_config(alembic)
    (typed,) = (s for s in scripts.walk_revisions() if s.path.endswith("_typed_results.py"))
    command.upgrade(alembic, str(typed.down_revision))
    engine = sa.create_engine(settings.database)
    with engine.begin() as connection:
        for number, result in enumerate((PAIRWISE, NETWORK), 1):
            connection.execute(
                sa.text(
                    "INSERT INTO analysis (id, created_at, review_id, planned_id, state,"
                    " stale_because, current_run_id, error)"
                    " VALUES (:id, '2026-01-01', 1, :id, 'current', '', :id, '')"
                ),
                {"id": number},
            )
            connection.execute(
                sa.text(
                    "INSERT INTO analysis_run (id, created_at, review_id, analysis_id, inputs,"
                    " inputs_hash, settings, software, result, warnings, seconds)"
                    " VALUES (:id, '2026-01-01', 1, :id, :inputs, 'x', :settings, '{}', :result,"
                    " '[]', 0.1)"
                ),
                {
                    "id": number,
                    "inputs": json.dumps(INPUTS),
                    "settings": json.dumps(SETTINGS),
                    "result": json.dumps(result),
                },
            )
    engine.dispose()
    upgrade(settings)
    database = Database.of(settings)
    with Session(database.engine) as db:
        yield db
    database.engine.dispose()


def test_a_pairwise_run_keeps_its_numbers_and_is_typed(stored):
    run = stored.get(AnalysisRun, 1)
    result = run.result
    assert isinstance(result, PairwiseResult)
    assert (result.pooled.method, result.pooled.k, result.pooled.estimate) == ("MH", 2, 0.9)
    assert Written(result).effect(result.pooled) == "OR 2.46 (95\u202f% CI 1.35 to 4.48)"
    assert [group.label for group in result.subgroups] == ["Low", "High"]
    assert result.between.p == 0.53
    assert result.regression.error == "Too few studies report dose."
    assert result.sensitivity.common.method == "EE"
    assert result.sensitivity.exclude_high_risk.pooled is None
    assert [one.omitted for one in result.sensitivity.leave_one_out] == ["Trial 1", "Trial 2"]
    assert result.asymmetry is None
    assert {one.source for one in result.studies} == {"arms"}
    assert result.warnings == ("Zero cells were corrected in: Trial 2.",)
    assert run.settings.is_mantel_haenszel
    assert run.inputs.moderators == {1: {"dose": 2.0}}


def test_a_network_run_keeps_its_numbers_and_is_typed(stored):
    result = stored.get(AnalysisRun, 2).result
    assert isinstance(result, NetworkResult)
    assert result.league["acupuncture"]["sham"].estimate == 0.9
    assert result.q.total.df == 1
    assert Written(result).better == "higher is better"


def test_what_was_current_says_why_it_is_to_be_run_again(stored):
    for analysis in stored.exec(select(Analysis)).all():
        assert analysis.state is AnalysisState.STALE
        assert "leave out" in analysis.stale_because
