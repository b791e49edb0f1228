//! What describes reports and dashboards: members that the product has, and those that hold what people
//! typed. The lists are those of the Reports and Dashboards REST API Developer Guide.

/// What a member says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said {
    /// Words, numbers and names of configuration.
    Open,
    /// Text that people typed.
    Typed,
    /// Nobody knows.
    Unknown,
    Within(Within),
}

/// An object that describes something, or a list of such objects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Within {
    Report,
    Attributes,
    Metadata,
    Chart,
    /// Kinds of columns, columns by their names, one column.
    Kinds,
    Columns,
    Column,
    /// What a report type offers: categories of columns, words to choose from.
    ReportType,
    Dashboard,
    Component,
    Properties,
}

impl Within {
    /// Whether single values may stand in the place of objects.
    pub fn is_open(self) -> bool {
        self == Self::ReportType
    }
}

/// What a member of an object says.
pub(super) fn said(within: Within, key: &str) -> Said {
    match within {
        Within::Report => report(key),
        Within::Attributes => attributes(key),
        Within::Metadata => metadata(key),
        Within::Chart => chart(key),
        Within::Kinds => match key {
            "aggregateColumnInfo" | "detailColumnInfo" | "groupingColumnInfo" => {
                Said::Within(Within::Columns)
            }
            _ => Said::Unknown,
        },
        Within::Columns => Said::Within(Within::Column),
        Within::Column => column(key),
        Within::ReportType => match key {
            // What is in the records to choose from, and names of the organisation's own.
            "filterValues" | "inactiveFilterValues" | "divisionInfo" => Said::Typed,
            _ => Said::Within(Within::ReportType),
        },
        Within::Dashboard => dashboard(key),
        Within::Component => component(key),
        Within::Properties => match key {
            "aggregates" | "autoSelectColumns" | "groupings" | "maxRows" | "reportFormat"
            | "sort" | "useReportChart" | "visualizationType" => Said::Open,
            _ => Said::Typed,
        },
    }
}

fn report(key: &str) -> Said {
    match key {
        "allData" | "hasExceededTogglesLimit" => Said::Open,
        "attributes" => Said::Within(Within::Attributes),
        "reportExtendedMetadata" => Said::Within(Within::Kinds),
        "reportTypeMetadata" => Said::Within(Within::ReportType),
        _ => Said::Unknown,
    }
}

fn attributes(key: &str) -> Said {
    match key {
        "completionDate" | "dashboardId" | "dashboardName" | "describeUrl" | "id"
        | "instancesUrl" | "ownerId" | "queryable" | "reportId" | "reportName" | "requestDate"
        | "status" | "statusUrl" | "type" | "url" => Said::Open,
        _ => Said::Unknown,
    }
}

fn metadata(key: &str) -> Said {
    match key {
        "aggregates"
        | "currency"
        | "detailColumns"
        | "developerName"
        | "folderId"
        | "groupingsAcross"
        | "groupingsDown"
        | "hasDetailRows"
        | "hasRecordCount"
        | "historicalSnapshotDates"
        | "id"
        | "name"
        | "reportBooleanFilter"
        | "reportFormat"
        | "reportType"
        | "scope"
        | "showGrandTotal"
        | "showSubtotals"
        | "sortBy"
        | "standardDateFilter"
        | "standardFilters"
        | "supportsRoleHierarchy"
        | "topRows"
        | "userOrHierarchyFilterId" => Said::Open,
        "buckets"
        | "crossFilters"
        | "customDetailFormula"
        | "customSummaryFormula"
        | "dashboardSetting"
        | "description"
        | "division"
        | "presentationOptions" => Said::Typed,
        "chart" => Said::Within(Within::Chart),
        _ => Said::Unknown,
    }
}

fn chart(key: &str) -> Said {
    match key {
        "chartType"
        | "groupings"
        | "hasLegend"
        | "legendPosition"
        | "showChartValues"
        | "summaries"
        | "summaryAxisLocations" => Said::Open,
        "title" => Said::Typed,
        _ => Said::Unknown,
    }
}

fn column(key: &str) -> Said {
    match key {
        "acrossGroupingContext"
        | "allowedInCustomDetailFormula"
        | "dataType"
        | "downGroupingContext"
        | "entityColumnName"
        | "filterable"
        | "fullyQualifiedName"
        | "groupingLevel"
        | "isCustom"
        | "isLookup"
        | "label"
        | "name"
        | "uniqueCountable" => Said::Open,
        "bucketType" | "filterValues" | "inactiveFilterValues" => Said::Typed,
        _ => Said::Unknown,
    }
}

fn dashboard(key: &str) -> Said {
    match key {
        "dashboardMetadata" => Said::Within(Within::Dashboard),
        "attributes" => Said::Within(Within::Attributes),
        "components" => Said::Within(Within::Component),
        "canChangeRunningUser"
        | "canUseStickyFilter"
        | "chartTheme"
        | "colorPalette"
        | "dashboardType"
        | "developerName"
        | "folderId"
        | "id"
        | "layout"
        | "maxFilterOptions"
        | "name" => Said::Open,
        "filters" | "runningUser" | "description" => Said::Typed,
        _ => Said::Unknown,
    }
}

fn component(key: &str) -> Said {
    match key {
        "componentData" | "id" | "reportId" | "type" => Said::Open,
        "footer" | "header" | "title" => Said::Typed,
        "properties" => Said::Within(Within::Properties),
        _ => Said::Unknown,
    }
}

/// Members of what is listed, of what became of a request, and of errors.
pub(super) fn is_listed(key: &str) -> bool {
    matches!(
        key,
        "id" | "name"
            | "url"
            | "describeUrl"
            | "instancesUrl"
            | "fieldsUrl"
            | "statusUrl"
            | "status"
            | "ownerId"
            | "requestDate"
            | "completionDate"
            | "hasDetailRows"
            | "queryable"
            | "componentId"
            | "refreshDate"
            | "refreshStatus"
            | "dataStatus"
            | "errorSeverity"
            | "errorMessage"
            | "message"
            | "errorCode"
            | "specificErrorCode"
            | "fields"
    )
}
