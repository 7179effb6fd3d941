//! Drawing: a head, a table, and a line for what is asked or was done.

use super::model::{By, Model, Row};
use crate::show::table::columns_of;
use crate::show::{safe, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Cell, Paragraph, Row as Drawn, Table, TableState};

/// What is drawn besides the rows.
#[derive(Debug, Default, Clone)]
pub(super) struct Below {
    /// A question, or what was done last.
    pub(super) said: String,
    /// Whether that waits for an answer.
    pub(super) asks: bool,
}

const KEYS: &str = "q quit  ↑↓ select  s stop  a attach  sort: c cpu  m memory  t time";

/// Draws everything; in colour or not.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, below: &Below, colour: bool) {
    let areas = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(2),
        Constraint::Length(1),
        Constraint::Length(1),
    ]);
    let [head, middle, said, keys] = areas.areas(frame.area());
    frame.render_widget(Paragraph::new(summary(model)), head);
    let mut state = TableState::new().with_selected(model.place());
    frame.render_stateful_widget(table(model, colour), middle, &mut state);
    let style = match below.asks {
        true => Style::new().add_modifier(Modifier::BOLD),
        false => Style::new(),
    };
    frame.render_widget(
        Paragraph::new(Line::styled(below.said.clone(), style)),
        said,
    );
    let dim = Style::new().add_modifier(Modifier::DIM);
    frame.render_widget(Paragraph::new(Line::styled(KEYS, dim)), keys);
}

fn summary(model: &Model) -> String {
    let rows = model.rows();
    // The sum of nothing is a negative zero.
    let cpu: f64 = rows.iter().map(|row| row.cpu).sum::<f64>() + 0.0;
    let memory: u64 = rows.iter().map(|row| row.resident).sum();
    let members: u64 = rows.iter().map(|row| row.members).sum();
    let processes = match rows.len() {
        1 => "1 process".to_owned(),
        count => format!("{count} processes"),
    };
    format!(
        "handfast: {processes}, {}  cpu {cpu:.0}% of {}00%  memory {}",
        text::count(members, "member"),
        model.processors,
        text::bytes(memory),
    )
}

fn table(model: &Model, colour: bool) -> Table<'_> {
    let marked = |by: By, title: &'static str| match model.by() == by {
        true => format!("{title}▾"),
        false => title.to_owned(),
    };
    let head = [
        "ID".to_owned(),
        "NAME".to_owned(),
        "STATE".to_owned(),
        marked(By::Cpu, "CPU%"),
        marked(By::Memory, "MEMORY"),
        "MEMBERS".to_owned(),
        marked(By::Age, "TIME"),
        "OWNER".to_owned(),
        "COMMAND".to_owned(),
    ];
    let rows = model.rows();
    let widths = [
        widest(rows, "ID", 14, |row| &row.id),
        widest(rows, "NAME", 16, |row| {
            row.name.as_deref().unwrap_or_default()
        }),
        widest(rows, "STATE", 18, |row| &row.state),
        Constraint::Length(6),
        Constraint::Length(10),
        Constraint::Length(7),
        Constraint::Length(6),
        widest(rows, "OWNER", 20, |row| &row.owner),
        Constraint::Fill(1),
    ];
    let rows = rows.iter().map(|row| drawn(row, colour));
    let reversed = Style::new().add_modifier(Modifier::REVERSED);
    Table::new(rows, widths)
        .header(Drawn::new(head).style(Style::new().add_modifier(Modifier::BOLD)))
        .row_highlight_style(reversed)
}

/// As wide as what is in it, up to a limit.
fn widest(rows: &[Row], title: &str, most: u16, of: fn(&Row) -> &str) -> Constraint {
    let own = rows
        .iter()
        .map(|row| columns_of(&safe::word(of(row))))
        .max();
    let wide = own.unwrap_or(0).max(title.len());
    Constraint::Length(u16::try_from(wide).unwrap_or(most).min(most))
}

fn drawn(row: &Row, colour: bool) -> Drawn<'_> {
    let state = Cell::new(row.state.clone());
    let state = match row.state.as_str() {
        _ if !colour => state,
        "running" => state.style(Style::new().fg(Color::Green)),
        _ => state.style(Style::new().fg(Color::Yellow)),
    };
    Drawn::new([
        Cell::new(safe::word(&row.id)),
        Cell::new(safe::word(row.name.as_deref().unwrap_or_default())),
        state,
        Cell::new(format!("{:>5.1}", row.cpu)),
        Cell::new(format!("{:>10}", text::bytes(row.resident))),
        Cell::new(format!("{:>7}", row.members)),
        Cell::new(text::lasted(text::since(row.started_at_ms))),
        Cell::new(safe::word(&row.owner)),
        Cell::new(row.command.clone()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    #[test]
    fn an_empty_list_is_drawn_too_and_a_question_stands_below() {
        let mut terminal = Terminal::new(TestBackend::new(70, 6)).unwrap();
        let below = Below {
            said: "stop web? y/n".to_owned(),
            asks: true,
        };
        let drawn = terminal.draw(|frame| draw(frame, &Model::default(), &below, true));
        let text: String = drawn
            .unwrap()
            .buffer
            .content
            .iter()
            .map(|cell| cell.symbol())
            .collect();
        for part in [
            "0 processes, 0 members",
            "CPU%▾",
            "COMMAND",
            "stop web? y/n",
            "q quit",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    /// A terminal may be smaller than anything fits into.
    #[test]
    fn no_size_is_too_small() {
        for (columns, rows) in [(1, 1), (1, 9), (9, 1), (3, 3)] {
            let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
            terminal
                .draw(|frame| draw(frame, &Model::default(), &Below::default(), false))
                .unwrap();
        }
    }
}
