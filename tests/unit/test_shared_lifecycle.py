"""The lifecycle engine: who may move a record, when and how it is refused, and what a move leaves behind."""

import pytest

from services.shared.callers import ANONYMOUS, Claim
from services.shared.errors import Conflict, Forbidden, Invalid
from services.shared.lifecycle import Party
from tests.unit.small_machine import (
    CENSOR,
    LETTERS,
    NOON,
    READER,
    SEALING,
    WRITER,
    Do,
    Stage,
    a_letter,
    act,
    officer,
)

APPROVER = officer(WRITER, Claim.APPROVER)
READY = a_letter(words="please")


def test_a_move_counts_the_case_on_and_keeps_the_record_it_was_made_from() -> None:
    before = a_letter(words="please")
    moved = LETTERS.advance(before, act(Do.SHOW, APPROVER, "stamp"))
    assert (moved.record.state, moved.record.version, moved.record.case_seq) == (Stage.READ, 6, 6)
    assert moved.record.changed_at == NOON
    assert (before.state, before.version, before.case_seq) == (Stage.WRITTEN, 3, 5)


def test_a_move_without_a_target_changes_the_record_and_not_its_state() -> None:
    moved = LETTERS.advance(a_letter(), act(Do.EDIT, officer(WRITER), "dear"))
    assert (moved.record.state, moved.record.words, moved.record.version) == (Stage.WRITTEN, "dear", 6)


def test_the_acting_party_is_told_to_the_effect_and_to_the_outcome() -> None:
    assert LETTERS.advance(a_letter(), act(Do.EDIT, officer(WRITER), "dear")).act.party is Party.REQUESTER


@pytest.mark.parametrize("stage", [Stage.READ, Stage.SEALED, Stage.POSTED])
def test_an_action_of_another_state_is_a_conflict_that_names_the_state(stage: Stage) -> None:
    with pytest.raises(Conflict, match=f"cannot show while letter is {stage}"):
        LETTERS.advance(a_letter(stage), act(Do.SHOW, APPROVER, "stamp"))


def test_an_action_that_no_state_knows_is_a_conflict() -> None:
    with pytest.raises(Conflict, match="cannot burn"):
        LETTERS.advance(a_letter(), act(Do.BURN, officer(WRITER)))


@pytest.mark.parametrize("caller", [officer(READER), officer(CENSOR), officer("stranger"), ANONYMOUS])
def test_only_the_rows_parties_may_act_and_the_refusal_names_them(caller: object) -> None:
    with pytest.raises(Forbidden, match="only the requester may edit here"):
        LETTERS.advance(a_letter(), act(Do.EDIT, caller, "dear"))  # type: ignore[arg-type]  # one list of callers


def test_the_claim_is_asked_of_the_right_party_too() -> None:
    with pytest.raises(Forbidden, match="only an officer with the role 'approver' may show here"):
        LETTERS.advance(READY, act(Do.SHOW, officer(WRITER), "stamp"))


def test_an_approver_who_is_no_officer_may_not_do_an_officers_work() -> None:
    with pytest.raises(Forbidden, match="role 'officer'"):
        LETTERS.advance(a_letter(), act(Do.EDIT, APPROVER, "dear"))


def test_who_may_act_is_decided_before_what_is_wrong_with_the_input() -> None:
    with pytest.raises(Forbidden):
        LETTERS.advance(a_letter(), act(Do.SHOW, officer(READER, Claim.APPROVER), None))


def test_all_guards_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        LETTERS.advance(a_letter(), act(Do.SHOW, APPROVER))
    assert [problem.pointer for problem in refused.value.problems] == ["/words", "/words", "/stamp"]
    assert refused.value.detail == "cannot show: not complete"


def test_a_row_may_name_its_parties_by_looking_at_the_record() -> None:
    letter = a_letter(Stage.READ, read_by=Party.OFFICE)
    assert LETTERS.advance(letter, act(Do.EDIT, officer(CENSOR), "cut")).record.words == "cut"
    with pytest.raises(Forbidden, match="only the informatization_office"):
        LETTERS.advance(letter, act(Do.EDIT, officer(READER), "cut"))


def test_a_step_that_each_takes_once_moves_with_the_last_and_is_filed_with_it() -> None:
    first = LETTERS.advance(a_letter(Stage.READ), act(Do.SEAL, officer(READER)))
    assert (first.complete, first.filing, first.record.state) == (False, None, Stage.READ)
    assert [done.party for done in first.record.done] == [Party.PROVIDER]
    last = LETTERS.advance(first.record, act(Do.SEAL, officer(WRITER)))
    assert (last.complete, last.filing, last.record.state) == (True, SEALING, Stage.SEALED)
    assert last.record.done == ()


def test_nobody_takes_such_a_step_twice() -> None:
    once = LETTERS.advance(a_letter(Stage.READ), act(Do.SEAL, officer(READER))).record
    with pytest.raises(Conflict, match="reader has already done seal"):
        LETTERS.advance(once, act(Do.SEAL, officer(READER)))


def test_another_act_in_between_does_not_forget_who_has_already_acted() -> None:
    once = LETTERS.advance(a_letter(Stage.READ), act(Do.SEAL, officer(READER))).record
    edited = LETTERS.advance(once, act(Do.EDIT, officer(READER), "dear")).record
    assert LETTERS.advance(edited, act(Do.SEAL, officer(WRITER))).complete


def test_actions_are_those_that_this_caller_may_take_here() -> None:
    assert LETTERS.actions_for(a_letter(), officer(WRITER)) == (Do.EDIT,)
    assert LETTERS.actions_for(a_letter(), APPROVER) == (Do.SHOW,)
    assert LETTERS.actions_for(a_letter(), officer(WRITER, Claim.OFFICER, Claim.APPROVER)) == (Do.EDIT, Do.SHOW)
    assert LETTERS.actions_for(a_letter(), officer(READER)) == ()
    assert LETTERS.actions_for(a_letter(), ANONYMOUS) == ()


def test_an_action_that_is_done_is_offered_to_the_others_only() -> None:
    once = LETTERS.advance(a_letter(Stage.READ), act(Do.SEAL, officer(READER))).record
    assert LETTERS.actions_for(once, officer(READER)) == (Do.EDIT,)
    assert LETTERS.actions_for(once, officer(WRITER)) == (Do.SEAL,)


def test_every_offered_action_is_allowed_and_no_other() -> None:
    callers = [officer(who, claim) for who in (WRITER, READER, CENSOR) for claim in Claim]
    for stage in Stage:
        for caller in callers:
            offered = LETTERS.actions_for(a_letter(stage), caller)
            allowed = [action for action in Do if is_allowed(a_letter(stage), action, caller)]
            assert sorted(offered) == sorted(allowed)


def is_allowed(letter: object, action: Do, caller: object) -> bool:
    try:
        LETTERS.advance(letter, act(action, caller, "dear"))  # type: ignore[arg-type]  # passed through as they came
    except (Forbidden, Conflict):
        return False
    except Invalid:
        return True
    return True


def test_a_record_awaits_those_who_can_move_it_but_not_those_who_merely_may() -> None:
    assert LETTERS.awaiting(a_letter()) == (Party.REQUESTER,)
    assert LETTERS.awaiting(a_letter(Stage.READ)) == (Party.REQUESTER, Party.PROVIDER)
    assert LETTERS.awaiting(a_letter(Stage.SEALED)) == (Party.SYSTEM,)


def test_who_has_acted_is_no_longer_awaited() -> None:
    sealed = a_letter(Stage.READ, read_by=Party.REQUESTER)
    once = LETTERS.advance(sealed, act(Do.SEAL, officer(READER))).record
    assert LETTERS.awaiting(once) == (Party.REQUESTER,)


def test_an_ended_record_awaits_nobody_and_offers_nothing() -> None:
    assert LETTERS.awaiting(a_letter(Stage.POSTED)) == ()
    assert LETTERS.actions_for(a_letter(Stage.POSTED), act(Do.POST).caller) == ()
