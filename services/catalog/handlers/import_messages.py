"""What an import tells, as messages."""

from cinema.catalog.v1 import catalog_admin_service_pb2

from services.catalog.domain.import_report import ImportSummary, RefusalReason, RefusedRow

_PROBLEM = catalog_admin_service_pb2.ImportProblem
_REFUSALS = {
    RefusalReason.MISSING_KEY: _PROBLEM.REASON_MISSING_KEY,
    RefusalReason.INVALID_VALUE: _PROBLEM.REASON_INVALID_VALUE,
    RefusalReason.UNKNOWN_FILM: _PROBLEM.REASON_UNKNOWN_FILM,
    RefusalReason.NONEXISTENT_LOCAL_TIME: _PROBLEM.REASON_NONEXISTENT_LOCAL_TIME,
    RefusalReason.HALL_OCCUPIED: _PROBLEM.REASON_HALL_OCCUPIED,
    RefusalReason.OTHER_CINEMA: _PROBLEM.REASON_OTHER_CINEMA,
    RefusalReason.DUPLICATE_ID: _PROBLEM.REASON_DUPLICATE_ID,
}


def problem_to_proto(row: RefusedRow) -> catalog_admin_service_pb2.ImportProblem:
    return _PROBLEM(
        list=row.section.value,
        index=row.index,
        feed_id=row.feed_id,
        reason=_REFUSALS[row.reason],
        key=row.key,
    )


def summary_to_proto(summary: ImportSummary) -> catalog_admin_service_pb2.ImportSummary:
    return catalog_admin_service_pb2.ImportSummary(
        screenings_read=summary.screenings_read,
        screenings_created=summary.screenings_created,
        screenings_updated=summary.screenings_updated,
        screenings_unchanged=summary.screenings_unchanged,
        rows_refused=summary.rows_refused,
        films_changed=summary.films_changed,
        halls_created=summary.halls_created,
        unknown_tokens=[
            catalog_admin_service_pb2.UnknownToken(token=each.token, count=each.count)
            for each in summary.unknown_tokens
        ],
        screenings_not_sold=summary.screenings_not_sold,
        ambiguous_starts=summary.ambiguous_starts,
    )
