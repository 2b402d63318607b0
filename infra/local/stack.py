"""One CloudFormation stack brought to what its template says, through a change set, and its failures in plain words.

Knows CloudFormation's states; knows nothing of what a stack holds.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from botocore.exceptions import ClientError

from infra.local.home import LocalStackError
from infra.local.places import Place

WAIT_SECONDS = 300.0
REST_SECONDS = 10.0
GONE = ("", "DELETE_COMPLETE")
STANDING = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
NEVER_MADE = ("", "REVIEW_IN_PROGRESS", "DELETE_COMPLETE")
CANNOT_REDEPLOY = "Stage already exists"  # LocalStack, on an update that changes the API


@dataclass(frozen=True)
class Stack:
    """A stack at a place, by name."""

    place: Place
    name: str

    def bring(self, template_url: str, parameters: Mapping[str, str], say: Callable[[str], None]) -> bool:
        """Create or update the stack and wait for it; return whether anything changed.

        What an interrupted run left behind, and an API that the emulator cannot update, is deleted and made anew.
        Raises LocalStackError with the reasons of the resources that failed.
        """
        self._clear(say)
        try:
            return self._change(template_url, parameters, say)
        except LocalStackError as error:
            if CANNOT_REDEPLOY not in str(error):
                raise
        say(f"stack {self.name}: this emulator cannot update the API, so it is deleted and deployed again")
        self.delete()
        return self._change(template_url, parameters, say)

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs by key."""
        found = self.place.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}

    def resources(self, kind: str = "") -> dict[str, str]:
        """Return the physical ids of the stack's resources (of one type, when named) by logical id."""
        listed = self.place.cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        return {
            found["LogicalResourceId"]: found.get("PhysicalResourceId", "")
            for found in listed
            if found["ResourceType"] == kind or not kind
        }

    def delete(self) -> None:
        """Delete the stack and wait until it is gone; no stack is no error.

        A bucket whose objects are under Object Lock stays, as it must; it is left behind and the rest is deleted.
        """
        if self._state() in GONE:
            return
        self.place.cloudformation.delete_stack(StackName=self.name)
        if kept := self._undeletable():
            self.place.cloudformation.delete_stack(StackName=self.name, RetainResources=kept)
        self._wait(done=GONE, doing="deleted")

    def _undeletable(self) -> list[str]:
        """Return what a deletion that has come to rest could not delete; LocalStack passes through the state itself."""
        failed_since = None
        while (state := self._state()) not in GONE:
            failed_since = (failed_since or time.monotonic()) if state == "DELETE_FAILED" else None
            if failed_since and time.monotonic() - failed_since > REST_SECONDS:
                resources = self.place.cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
                return [r["LogicalResourceId"] for r in resources if r["ResourceStatus"] == "DELETE_FAILED"]
            time.sleep(0.1)
        return []

    def _clear(self, say: Callable[[str], None]) -> None:
        state = self._state()
        if state not in (*STANDING, *NEVER_MADE):
            say(f"stack {self.name} was left half-finished ({state}); clearing it")
            self.delete()

    def _change(self, template_url: str, parameters: Mapping[str, str], say: Callable[[str], None]) -> bool:
        creates = self._state() in NEVER_MADE
        change_set = self._prepare(template_url, parameters, "CREATE" if creates else "UPDATE")
        if change_set is None:
            say(f"stack {self.name} unchanged")
            return False
        self.place.cloudformation.execute_change_set(ChangeSetName=change_set, StackName=self.name)
        self._wait(done=STANDING[:1] if creates else STANDING[1:2], doing="created" if creates else "updated")
        say(f"stack {self.name} {'created' if creates else 'updated'}")
        return True

    def _prepare(self, template_url: str, parameters: Mapping[str, str], kind: str) -> str | None:
        """Return the change set's id once it can be executed, or None when nothing would change."""
        name = f"change-{uuid4()}"
        try:
            made = self.place.cloudformation.create_change_set(
                StackName=self.name,
                ChangeSetName=name,
                ChangeSetType=kind,  # type: ignore[arg-type]  # one of the literals, by construction
                TemplateURL=template_url,
                Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            )
        except ClientError as error:
            raise LocalStackError(f"stack {self.name} is refused: {error.response['Error']['Message']}") from error
        return self._prepared(made["Id"])

    def _prepared(self, change_set: str) -> str | None:
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            seen = self.place.cloudformation.describe_change_set(ChangeSetName=change_set, StackName=self.name)
            reason = seen.get("StatusReason", "")
            if seen["Status"] == "CREATE_COMPLETE":
                return change_set
            if seen["Status"] == "FAILED" and ("t contain changes" in reason or "No updates" in reason):
                return None
            if seen["Status"] == "FAILED":
                raise LocalStackError(f"stack {self.name} is refused: {reason}")
            time.sleep(0.1)
        raise LocalStackError(f"stack {self.name}: no change set within {WAIT_SECONDS:.0f} s")

    def _wait(self, *, done: tuple[str, ...], doing: str) -> None:
        until = time.monotonic() + WAIT_SECONDS
        while (state := self._state()) not in done:
            if not state.endswith("IN_PROGRESS") or time.monotonic() > until:
                raise LocalStackError(f"stack {self.name} could not be {doing} ({state}):\n{self._reasons()}")
            time.sleep(0.1)

    def _state(self) -> str:
        """Return CloudFormation's word for the stack's state, empty when there is no stack."""
        try:
            return str(self.place.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"])
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return ""

    def _reasons(self) -> str:
        events = self.place.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [event for event in events if event.get("ResourceStatus", "").endswith("_FAILED")]
        told = [
            f"    {event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason')}" for event in failed
        ]
        return "\n".join(reversed(told)) or "    (the emulator names no resource; see its log)"
