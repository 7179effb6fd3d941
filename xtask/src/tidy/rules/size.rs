//! Small functions, small files, few parameters.

use super::super::scan;
use super::{Finding, Source};

const FUNCTION_LINES: usize = 60;
const FILE_LINES: usize = 400;
const PARAMETERS: usize = 5;

/// A function body fits on a screen.
pub(super) fn functions(source: &Source) -> Vec<Finding> {
    let long = scan::functions(&source.code).filter_map(|function| {
        let body = function.body?;
        let between = source
            .line(body.end)
            .saturating_sub(source.line(body.start) + 1);
        let rule =
            format!("a function body has at most {FUNCTION_LINES} lines, this has {between}");
        (between > FUNCTION_LINES).then(|| source.finding(function.at, rule))
    });
    long.collect()
}

/// A file, its `#[cfg(test)]` items not counted, can be read in one go.
pub(super) fn files(source: &Source) -> Vec<Finding> {
    let lines = source.lines() - source.test_lines();
    let rule = format!("a file without its tests has at most {FILE_LINES} lines, this has {lines}");
    (lines > FILE_LINES)
        .then(|| source.finding(0, rule))
        .into_iter()
        .collect()
}

/// More than this becomes a struct. `self` counts, as it does for clippy.
pub(super) fn parameters(source: &Source) -> Vec<Finding> {
    let wide = scan::functions(&source.code).filter(|function| function.parameters > PARAMETERS);
    let rule = format!("a function has at most {PARAMETERS} parameters; use a struct");
    wide.map(|function| source.finding(function.at, &rule))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::assert_lines;
    use super::*;

    fn function(lines: usize) -> String {
        format!("//! Head.\nfn f() {{\n{}}}\n", "    g();\n".repeat(lines))
    }

    #[test]
    fn a_long_function_is_found() {
        assert_lines(functions, "a.rs", &function(FUNCTION_LINES), &[]);
        assert_lines(functions, "a.rs", &function(FUNCTION_LINES + 1), &[2]);
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_are_not_counted() {
        let text = "//\n".repeat(FILE_LINES);
        let tests = format!(
            "{text}#[cfg(test)]\nmod tests {{\n{}}}\n",
            "//\n".repeat(50)
        );
        assert_lines(files, "a.rs", &tests, &[]);
        assert_lines(files, "a.rs", &format!("{text}//\n"), &[1]);
    }

    #[test]
    fn many_parameters_are_found() {
        assert_lines(
            parameters,
            "a.rs",
            "fn f(a: A, b: B, c: C, d: D, e: E) {}",
            &[],
        );
        assert_lines(
            parameters,
            "a.rs",
            "\nfn f(&self, a: A, b: B, c: C, d: D, e: E);",
            &[2],
        );
    }
}
