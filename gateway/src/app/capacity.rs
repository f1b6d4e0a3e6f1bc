//! How many connections this process can hold.

/// Descriptors that are kept for everything that is no client connection.
const RESERVED_DESCRIPTORS: usize = 512;

/// The setting, bounded by the open-file limit of this process: running out of descriptors would starve Redis and Postgres
/// links too.
pub(super) fn capacity(setting: usize) -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let capacity = open_files(&limits).map_or(setting, |limit| setting.min(limit.saturating_sub(RESERVED_DESCRIPTORS)));
    tracing::info!(
        connections.max = capacity,
        connections.setting = setting,
        "connection cap"
    );
    capacity
}

/// The soft limit in the text of `/proc/self/limits`; `None` when there is none.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_found() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max open files            20000                1048576              files\n";
        assert_eq!(open_files(limits), Some(20_000));
        assert_eq!(
            open_files("Max open files            unlimited            unlimited            files"),
            None
        );
    }
}
